import com.ibm.as400.access.AS400;
import com.ibm.as400.access.SecureAS400;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.format.Json;
import java.io.FileReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Debezium's connector for IBM i in its embedded engine, unmodified. The argument names a properties file; each event goes to
 * standard output as one line of JSON, {"topic":..,"key":..,"value":..}, or is only counted when `judge.count` is set. Ends
 * when standard input does.
 */
public final class DebeziumReader {
  private static long counted;
  private static long first;

  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false, StandardCharsets.UTF_8);
    System.setOut(System.err);
    Properties all = new Properties();
    try (FileReader in = new FileReader(args[0], StandardCharsets.UTF_8)) {
      all.load(in);
    }
    String host = all.getProperty("database.hostname");
    ports(all, host);
    boolean count = all.getProperty("judge.count") != null;
    DebeziumEngine<ChangeEvent<String, String>> engine = DebeziumEngine.create(Json.class)
        .using(all)
        .using(callback(out))
        .using((success, message, error) -> {
          say(out, "{\"ended\":" + success + ",\"message\":" + quoted(message) + "}");
          if (error != null) error.printStackTrace();
        })
        .notifying((events, committer) -> {
          if (count) count(out, events.size());
          for (ChangeEvent<String, String> event : events) {
            if (!count) say(out, "{\"topic\":" + quoted(event.destination()) + ",\"key\":" + event.key() + ",\"value\":" + event.value() + "}");
            committer.markProcessed(event);
          }
          committer.markBatchFinished();
          out.flush();
        })
        .build();
    ExecutorService executor = Executors.newSingleThreadExecutor();
    executor.execute(engine);
    while (System.in.read() >= 0) { /* until the test closes it */ }
    engine.close();
    executor.shutdown();
    executor.awaitTermination(20, TimeUnit.SECONDS);
    System.exit(0);
  }

  private static DebeziumEngine.ConnectorCallback callback(PrintStream out) {
    return new DebeziumEngine.ConnectorCallback() {
      @Override
      public void taskStarted() {
        say(out, "{\"started\":true}");
      }
    };
  }

  private static synchronized void count(PrintStream out, int n) {
    if (counted == 0) first = System.nanoTime();
    counted += n;
    say(out, "{\"count\":" + counted + ",\"ms\":" + (System.nanoTime() - first) / 1_000_000 + "}");
  }

  /** Known to the whole JVM by the name of the system, so the connector itself needs no word of it. */
  private static void ports(Properties all, String host) throws Exception {
    boolean secure = Boolean.parseBoolean(all.getProperty("secure"));
    AS400 system = secure ? new SecureAS400(host) : new AS400(host);
    system.setServicePort(AS400.SIGNON, Integer.parseInt(all.getProperty("judge.signon")));
    system.setServicePort(AS400.DATABASE, Integer.parseInt(all.getProperty("judge.database")));
    system.setServicePort(AS400.COMMAND, Integer.parseInt(all.getProperty("judge.command")));
  }

  private static void say(PrintStream out, String line) {
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }

  private static String quoted(String text) {
    if (text == null) return "null";
    StringBuilder b = new StringBuilder("\"");
    for (char c : text.toCharArray()) b.append(c == '"' || c == '\\' ? "\\" + c : c < ' ' ? " " : String.valueOf(c));
    return b.append('"').toString();
  }
}
