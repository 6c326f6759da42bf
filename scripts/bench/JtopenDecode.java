import com.ibm.as400.access.*;
import java.io.*;
import java.lang.management.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;

/**
 * The reference of scripts/bench/decode.mjs: record images to JSON bytes with JTOpen's own converters.
 * Arguments: spec file (one column a line: kind length scale ccsid), image file, record length.
 * Each line on stdin is a number of milliseconds to run; the answer is rows per second of its thread's processor time. AS400Structure converts a whole record;
 * with a bad field in it, which makes it throw, the fields are converted again one by one so that the row is kept.
 * Packed dates stay numbers here: less work than what the plan does.
 */
public class JtopenDecode {
  static final class Column {
    String key;
    AS400DataType type;
    int offset;
    boolean text, number;
  }

  public static void main(String[] args) throws Exception {
    List<Column> columns = new ArrayList<>();
    int offset = 0;
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      String[] p = line.trim().split(" ");
      int length = Integer.parseInt(p[2]), scale = Integer.parseInt(p[3]), ccsid = Integer.parseInt(p[4]);
      Column c = new Column();
      c.key = "\"" + p[0] + "\":";
      c.offset = offset;
      switch (p[1]) {
        case "CHAR": c.type = new AS400Text(length, ccsid); c.text = true; break;
        case "TIMESTAMP": c.type = new AS400Timestamp(); break;
        case "DECIMAL": c.type = new AS400PackedDecimal(length, scale); break;
        case "NUMERIC": c.type = new AS400ZonedDecimal(length, scale); break;
        case "INTEGER": c.type = new AS400Bin4(); c.number = true; break;
        case "SMALLINT": c.type = new AS400Bin2(); c.number = true; break;
        default: throw new IllegalArgumentException(p[1]);
      }
      offset += c.type.getByteLength();
      columns.add(c);
    }
    byte[] images = Files.readAllBytes(Path.of(args[1]));
    int length = Integer.parseInt(args[2]);
    if (offset != length) throw new IllegalStateException(offset + " bytes a record, " + length + " expected");
    Column[] plan = columns.toArray(new Column[0]);
    AS400Structure structure = new AS400Structure(columns.stream().map(c -> c.type).toArray(AS400DataType[]::new));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    ThreadMXBean thread = ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (String line; (line = in.readLine()) != null; ) {
      long until = System.nanoTime() + (long) (Double.parseDouble(line.trim()) * 1e6);
      long started = thread.getCurrentThreadCpuTime();
      long rows = 0;
      while (System.nanoTime() < until)
        for (int at = 0; at < images.length; at += length, rows++) sum += row(plan, structure, images, at).length;
      System.out.println(rows * 1e9 / (thread.getCurrentThreadCpuTime() - started));
      System.out.flush();
    }
    if (sum == 42) System.err.println(sum);
  }

  static final StringBuilder json = new StringBuilder(4096);

  static byte[] row(Column[] plan, AS400Structure structure, byte[] images, int at) {
    Object[] values;
    try {
      values = (Object[]) structure.toObject(images, at);
    } catch (NumberFormatException bad) {
      values = null;
    }
    json.setLength(0);
    char separator = '{';
    for (int i = 0; i < plan.length; i++) {
      Column c = plan[i];
      json.append(separator).append(c.key);
      separator = ',';
      Object value = values == null ? one(c, images, at) : values[i];
      if (value == null) json.append("null");
      else if (c.text) quote((String) value);
      else if (c.number) json.append(value);
      else json.append('"').append(value).append('"');
    }
    return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
  }

  static Object one(Column c, byte[] images, int at) {
    try {
      return c.type.toObject(images, at + c.offset);
    } catch (NumberFormatException bad) {
      return null;
    }
  }

  static void quote(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == ' ') end--;
    json.append('"');
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') json.append('\\').append(c);
      else if (c < 0x20) json.append(String.format("\\u%04x", (int) c));
      else json.append(c);
    }
    json.append('"');
  }
}
