import com.ibm.as400.access.*;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import org.json.simple.JSONArray;
import org.json.simple.JSONObject;

/** The remote command server through JTOpen's own classes: commands, programs, service programs, file attributes. */
final class Commands {
  private static final Map<String, AS400> systems = new ConcurrentHashMap<>();

  private Commands() {}

  static Object run(String op, JSONObject r) throws Exception {
    switch (op) {
      case "command.open": return open(r);
      case "command.close": systems.remove(name(r)).disconnectAllServices(); return null;
      case "command.alive": return system(r).isConnectionAlive(AS400.COMMAND);
      case "command.job": return new CommandCall(system(r)).getServerJob().toString();
      case "command.run": return command(r);
      case "command.call": return program(r);
      case "command.service": return service(r);
      case "command.journalOf": return new FileAttributes(system(r), (String) r.get("path")).getJournal();
      case "command.timestamp": return timestamp((String) r.get("hex"));
      default: throw new IllegalArgumentException("unknown op " + op);
    }
  }

  private static Object open(JSONObject r) throws Exception {
    String host = (String) r.get("host");
    String user = (String) r.get("user");
    String password = (String) r.get("password");
    AS400 system = Boolean.TRUE.equals(r.get("secure"))
        ? new SecureAS400(host, user, password)
        : new AS400(host, user, password);
    system.setGuiAvailable(false);
    system.setThreadUsed(!Boolean.FALSE.equals(r.get("threads")));
    system.connectService(AS400.COMMAND);
    systems.put(name(r), system);
    return null;
  }

  private static Object command(JSONObject r) throws Exception {
    CommandCall call = new CommandCall(system(r));
    option(call::setMessageOption, r);
    boolean done = call.run((String) r.get("command"));
    return answer(done, new ProgramParameter[0], call.getMessageList());
  }

  private static Object program(JSONObject r) throws Exception {
    ProgramParameter[] parameters = parameters((JSONArray) r.get("parameters"));
    ProgramCall call = new ProgramCall(system(r), (String) r.get("path"), parameters);
    option(call::setMessageOption, r);
    return answer(call.run(), parameters, call.getMessageList());
  }

  @SuppressWarnings("unchecked")
  private static Object service(JSONObject r) throws Exception {
    ProgramParameter[] parameters = parameters((JSONArray) r.get("parameters"));
    ServiceProgramCall call = new ServiceProgramCall(system(r));
    call.setProgram((String) r.get("path"), parameters);
    call.setProcedureName((String) r.get("procedure"));
    call.setAlignOn16Bytes(!Boolean.FALSE.equals(r.get("align")));
    int format = r.get("format") == null ? ServiceProgramCall.RETURN_INTEGER : ((Number) r.get("format")).intValue();
    call.setReturnValueFormat(format);
    boolean done = call.run();
    JSONObject answer = answer(done, parameters, call.getMessageList());
    if (done && format != ServiceProgramCall.NO_RETURN_VALUE) answer.put("returned", call.getIntegerReturnValue());
    if (done && format != ServiceProgramCall.NO_RETURN_VALUE) answer.put("errno", call.getErrno());
    return answer;
  }

  /** {"in": hex} | {"out": n} | {"in": hex, "out": n} | {"null": true}, each with "value": true when passed by value. */
  private static ProgramParameter[] parameters(JSONArray list) throws Exception {
    ProgramParameter[] parameters = new ProgramParameter[list.size()];
    for (int i = 0; i < parameters.length; i++) {
      JSONObject p = (JSONObject) list.get(i);
      String in = (String) p.get("in");
      Number out = (Number) p.get("out");
      ProgramParameter made = new ProgramParameter();
      if (in != null) made.setInputData(unhex(in));
      if (out != null) made.setOutputDataLength(out.intValue());
      if (Boolean.TRUE.equals(p.get("null"))) made.setNullParameter(true);
      made.setParameterType(Boolean.TRUE.equals(p.get("value"))
          ? ProgramParameter.PASS_BY_VALUE : ProgramParameter.PASS_BY_REFERENCE);
      parameters[i] = made;
    }
    return parameters;
  }

  @SuppressWarnings("unchecked")
  private static JSONObject answer(boolean done, ProgramParameter[] parameters, AS400Message[] messages) throws Exception {
    JSONObject answer = new JSONObject();
    answer.put("done", done);
    JSONArray outputs = new JSONArray();
    for (ProgramParameter p : parameters)
      if (p.getOutputDataLength() > 0) outputs.add(p.getOutputData() == null ? null : hex(p.getOutputData()));
    answer.put("outputs", outputs);
    JSONArray list = new JSONArray();
    for (AS400Message m : messages) {
      JSONObject one = new JSONObject();
      one.put("id", m.getID());
      one.put("severity", m.getSeverity());
      one.put("type", m.getType());
      one.put("text", m.getText());
      one.put("help", m.getHelp());
      one.put("file", m.getFileName());
      one.put("library", m.getLibraryName());
      one.put("data", m.getSubstitutionData() == null ? null : hex(m.getSubstitutionData()));
      list.add(one);
    }
    answer.put("messages", list);
    return answer;
  }

  /** *DTS as IBM's data type class reads it, on a clock without a zone. */
  private static String timestamp(String hex) throws Exception {
    AS400Timestamp type = new AS400Timestamp(TimeZone.getTimeZone("UTC"));
    java.lang.reflect.Field dts = AS400Timestamp.class.getDeclaredField("FORMAT_DTS");
    dts.setAccessible(true);
    java.lang.reflect.Method format = AS400Timestamp.class.getDeclaredMethod("setFormat", int.class);
    format.setAccessible(true);
    format.invoke(type, dts.getInt(type));
    java.sql.Timestamp read = (java.sql.Timestamp) type.toObject(unhex(hex));
    return read.toInstant().toString() + "/" + read.getNanos();
  }

  private interface Option { void set(int option) throws Exception; }

  private static void option(Option set, JSONObject r) throws Exception {
    Number option = (Number) r.get("messages");
    if (option != null) set.set(option.intValue());
  }

  private static AS400 system(JSONObject r) { return systems.get(name(r)); }

  private static String name(JSONObject r) { return r.get("c") == null ? "c" : (String) r.get("c"); }

  private static byte[] unhex(String text) {
    byte[] bytes = new byte[text.length() / 2];
    for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) Integer.parseInt(text.substring(2 * i, 2 * i + 2), 16);
    return bytes;
  }

  private static String hex(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length * 2);
    for (byte b : bytes) text.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
    return text.toString();
  }
}
