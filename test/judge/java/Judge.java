import com.ibm.as400.access.AS400;
import com.ibm.as400.access.SecureAS400;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.*;
import java.util.*;
import java.util.concurrent.*;
import org.json.simple.JSONArray;
import org.json.simple.JSONObject;
import org.json.simple.parser.JSONParser;

/**
 * A scripted JDBC user. One JSON object a line on standard input ({"id":1,"op":"query",...}), one a line on standard
 * output ({"id":1,"ok":...} or {"id":1,"error":{...}}). Operations of the same "lane" run in order, lanes in parallel,
 * so that a statement can be cancelled while it runs.
 */
public final class Judge {
  private final Map<String, Connection> connections = new ConcurrentHashMap<>();
  private final Map<String, Statement> statements = new ConcurrentHashMap<>();
  private final Map<String, ResultSet> cursors = new ConcurrentHashMap<>();
  private final Map<String, ExecutorService> lanes = new HashMap<>();
  private final Map<String, AS400> systems = new ConcurrentHashMap<>();
  private final Map<String, Savepoint> savepoints = new ConcurrentHashMap<>();
  private static volatile boolean plainMoments;
  private final PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8);

  public static void main(String[] args) throws Exception {
    System.setOut(System.err); // the driver's own chatter must not mix with the answers
    DriverManager.registerDriver(new com.ibm.as400.access.AS400JDBCDriver());
    new Judge().serve();
  }

  private void serve() throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line;
    while ((line = in.readLine()) != null) {
      JSONObject request = (JSONObject) new JSONParser().parse(line);
      String lane = text(request, "lane", "main");
      lanes.computeIfAbsent(lane, n -> Executors.newSingleThreadExecutor(r -> {
        Thread t = new Thread(r, n);
        t.setDaemon(true);
        return t;
      })).execute(() -> answer(request));
    }
    System.exit(0);
  }

  @SuppressWarnings("unchecked")
  private void answer(JSONObject request) {
    JSONObject reply = new JSONObject();
    reply.put("id", request.get("id"));
    try {
      reply.put("ok", run(request));
    } catch (Throwable t) {
      reply.put("error", describe(t));
    }
    String line = reply.toJSONString();
    synchronized (out) {
      out.println(line);
    }
  }

  private Object run(JSONObject r) throws Exception {
    String op = text(r, "op", "");
    if (op.startsWith("command.")) return Commands.run(op, r);
    switch (op) {
      case "ports": return ports(r);
      case "connect": return connect(r);
      case "alive": return alive(r);
      case "close": connections.remove(text(r, "c", "c")).close(); return null;
      case "isClosed": return connection(r).isClosed();
      case "isValid": return connection(r).isValid(5);
      case "autocommit": connection(r).setAutoCommit((Boolean) r.get("on")); return null;
      case "isolation": connection(r).setTransactionIsolation(number(r, "level")); return null;
      case "savepoint": savepoints.put(text(r, "name", ""), connection(r).setSavepoint(text(r, "name", ""))); return null;
      case "rollbackTo": connection(r).rollback(savepoints.get(text(r, "name", ""))); return null;
      case "setSchema": connection(r).setSchema(text(r, "schema", "")); return connection(r).getSchema();
      case "commit": connection(r).commit(); return null;
      case "rollback": connection(r).rollback(); return null;
      case "clientInfo": connection(r).setClientInfo(text(r, "key", ""), text(r, "value", "")); return null;
      case "query": return query(r);
      case "update": return update(r);
      case "prepare": return prepare(r);
      case "markers": return markers(r);
      case "run": return runPrepared(r);
      case "batch": return batch(r);
      case "call": return call(r);
      case "closeStatement": statements.remove(text(r, "s", "s")).close(); return null;
      case "cancel": statements.get(text(r, "s", "s")).cancel(); return null;
      case "open": return open(r);
      case "openTableTypes": cursors.put(text(r, "s", "s"), connection(r).getMetaData().getTableTypes()); return null;
      case "next": return next(r);
      case "place": return place(r);
      case "openMany": return openMany(r);
      case "metadata": return metadata(r);
      case "drain": return drain(r);
      case "procedure": return procedure(r);
      case "command": return command(r);
      case "disconnect": systems.remove(text(r, "system", "s")).disconnectAllServices(); return null;
      case "version": return AS400.class.getPackage().getImplementationVersion();
      default: throw new IllegalArgumentException("unknown op " + r.get("op"));
    }
  }

  private Object ports(JSONObject r) throws Exception {
    boolean secure = Boolean.TRUE.equals(r.get("secure"));
    AS400 system = secure ? new SecureAS400(text(r, "host", "localhost")) : new AS400(text(r, "host", "localhost"));
    system.setServicePort(AS400.SIGNON, number(r, "signon"));
    system.setServicePort(AS400.DATABASE, number(r, "database"));
    if (r.get("command") != null) system.setServicePort(AS400.COMMAND, number(r, "command"));
    return null;
  }

  /** One connection to the remote command server for all calls of the same "system". */
  private AS400 system(JSONObject r) throws Exception {
    AS400 known = systems.get(text(r, "system", "s"));
    if (known != null) return known;
    String host = text(r, "host", "localhost"), user = text(r, "user", "CDCUSR"), password = text(r, "password", "");
    AS400 system = Boolean.TRUE.equals(r.get("secure")) ? new SecureAS400(host, user, password) : new AS400(host, user, password);
    system.setGuiAvailable(false);
    system.setMustUseSockets(true);
    systems.put(text(r, "system", "s"), system);
    return system;
  }

  /** A procedure of a service program: what came back of each parameter in hex, the integer it returned, or the messages. */
  @SuppressWarnings("unchecked")
  private Object procedure(JSONObject r) throws Exception {
    JSONArray given = (JSONArray) r.get("params");
    com.ibm.as400.access.ProgramParameter[] params = new com.ibm.as400.access.ProgramParameter[given.size()];
    for (int i = 0; i < params.length; i++) {
      JSONObject p = (JSONObject) given.get(i);
      int by = com.ibm.as400.access.ProgramParameter.PASS_BY_REFERENCE;
      if (p.get("in") == null) params[i] = new com.ibm.as400.access.ProgramParameter(by, number(p, "out"));
      else if (p.get("out") == null) params[i] = new com.ibm.as400.access.ProgramParameter(by, unhex(text(p, "in", "")));
      else params[i] = new com.ibm.as400.access.ProgramParameter(by, unhex(text(p, "in", "")), number(p, "out"));
    }
    com.ibm.as400.access.ServiceProgramCall call = new com.ibm.as400.access.ServiceProgramCall(system(r));
    call.setProgram(com.ibm.as400.access.QSYSObjectPathName.toPath(text(r, "library", "QSYS"), text(r, "program", ""), "SRVPGM"), params);
    call.setProcedureName(text(r, "procedure", ""));
    boolean integer = Boolean.TRUE.equals(r.get("integer"));
    call.setReturnValueFormat(integer ? com.ibm.as400.access.ServiceProgramCall.RETURN_INTEGER : com.ibm.as400.access.ServiceProgramCall.NO_RETURN_VALUE);
    if (Boolean.TRUE.equals(r.get("aligned"))) call.setAlignOn16Bytes(true);
    JSONObject answer = new JSONObject();
    answer.put("done", call.run());
    answer.put("messages", messages(call.getMessageList()));
    JSONArray out = new JSONArray();
    for (com.ibm.as400.access.ProgramParameter p : params) out.add(p.getOutputData() == null ? null : hex(p.getOutputData()));
    answer.put("out", out);
    if (integer && Boolean.TRUE.equals(answer.get("done"))) answer.put("returned", call.getIntegerReturnValue());
    return answer;
  }

  @SuppressWarnings("unchecked")
  private Object command(JSONObject r) throws Exception {
    com.ibm.as400.access.CommandCall call = new com.ibm.as400.access.CommandCall(system(r));
    JSONObject answer = new JSONObject();
    answer.put("done", call.run(text(r, "text", "")));
    answer.put("messages", messages(call.getMessageList()));
    return answer;
  }

  @SuppressWarnings("unchecked")
  private static JSONArray messages(com.ibm.as400.access.AS400Message[] list) {
    JSONArray all = new JSONArray();
    if (list != null)
      for (com.ibm.as400.access.AS400Message m : list) {
        JSONObject o = new JSONObject();
        o.put("id", m.getID());
        o.put("severity", m.getSeverity());
        o.put("text", m.getText());
        o.put("help", m.getHelp());
        all.add(o);
      }
    return all;
  }

  /** Connects to a service without JDBC and asks whether the connection lives, as connection pools do. */
  private Object alive(JSONObject r) throws Exception {
    AS400 system = new AS400(text(r, "host", "localhost"), text(r, "user", "CDCUSR"), text(r, "password", ""));
    system.setGuiAvailable(false);
    String named = text(r, "service", "");
    int service = "database".equals(named) ? AS400.DATABASE : "command".equals(named) ? AS400.COMMAND : AS400.SIGNON;
    system.setMustUseSockets(true);
    try {
      system.connectService(service);
      return system.isConnectionAlive(service);
    } finally {
      system.disconnectAllServices();
    }
  }

  @SuppressWarnings("unchecked")
  private Object connect(JSONObject r) throws Exception {
    Properties properties = new Properties();
    properties.setProperty("user", text(r, "user", "CDCUSR"));
    properties.setProperty("password", text(r, "password", ""));
    properties.setProperty("prompt", "false");
    properties.setProperty("tcp no delay", "true"); // a request without reply before one with reply would wait for a delayed ACK
    JSONObject extra = (JSONObject) r.get("props");
    if (extra != null) for (Object key : extra.keySet()) properties.setProperty((String) key, String.valueOf(extra.get(key)));
    long start = System.nanoTime();
    Connection c = DriverManager.getConnection("jdbc:as400://" + text(r, "host", "localhost"), properties);
    connections.put(text(r, "c", "c"), c);
    JSONObject answer = new JSONObject();
    answer.put("product", c.getMetaData().getDatabaseProductVersion());
    answer.put("catalog", c.getCatalog());
    answer.put("ms", (System.nanoTime() - start) / 1e6);
    if (c instanceof com.ibm.as400.access.AS400JDBCConnection)
      answer.put("job", ((com.ibm.as400.access.AS400JDBCConnection) c).getServerJobIdentifier());
    return answer;
  }

  private Object query(JSONObject r) throws Exception {
    plainMoments = Boolean.TRUE.equals(r.get("dates"));
    JSONArray params = (JSONArray) r.get("params");
    if (params == null) {
      try (Statement s = connection(r).createStatement()) {
        tune(s, r);
        statements.put(text(r, "s", "q"), s);
        try (ResultSet rs = s.executeQuery(text(r, "sql", ""))) {
          return rows(rs, s);
        }
      }
    }
    try (PreparedStatement s = connection(r).prepareStatement(text(r, "sql", ""))) {
      tune(s, r);
      statements.put(text(r, "s", "q"), s);
      bind(s, params);
      try (ResultSet rs = s.executeQuery()) {
        return rows(rs, s);
      }
    }
  }

  @SuppressWarnings("unchecked")
  private Object update(JSONObject r) throws Exception {
    JSONObject answer = new JSONObject();
    try (Statement s = connection(r).createStatement()) {
      statements.put(text(r, "s", "q"), s);
      if (r.get("timeout") != null) s.setQueryTimeout(number(r, "timeout"));
      answer.put("count", Boolean.TRUE.equals(r.get("keys"))
          ? s.executeUpdate(text(r, "sql", ""), Statement.RETURN_GENERATED_KEYS)
          : s.executeUpdate(text(r, "sql", "")));
      answer.put("warning", warning(s.getWarnings()));
      if (Boolean.TRUE.equals(r.get("keys"))) answer.put("keys", rows(s.getGeneratedKeys(), null));
    }
    return answer;
  }

  @SuppressWarnings("unchecked")
  private Object prepare(JSONObject r) throws Exception {
    boolean call = Boolean.TRUE.equals(r.get("call"));
    PreparedStatement s = call ? connection(r).prepareCall(text(r, "sql", "")) : connection(r).prepareStatement(text(r, "sql", ""));
    statements.put(text(r, "s", "s"), s);
    JSONObject answer = new JSONObject();
    ParameterMetaData p = s.getParameterMetaData();
    JSONArray types = new JSONArray();
    for (int i = 1; i <= p.getParameterCount(); i++) types.add(p.getParameterTypeName(i) + "(" + p.getPrecision(i) + "," + p.getScale(i) + ")");
    answer.put("parameters", types);
    answer.put("columns", s.getMetaData() == null ? null : columns(s.getMetaData()));
    return answer;
  }

  /** Names of the parameter markers, which JTOpen offers as a method of its own, and whether they take nulls. */
  @SuppressWarnings("unchecked")
  private Object markers(JSONObject r) throws Exception {
    try (PreparedStatement s = connection(r).prepareStatement(text(r, "sql", ""))) {
      com.ibm.as400.access.AS400JDBCParameterMetaData p =
          (com.ibm.as400.access.AS400JDBCParameterMetaData) s.getParameterMetaData();
      JSONArray names = new JSONArray();
      JSONArray nullable = new JSONArray();
      for (int i = 1; i <= p.getParameterCount(); i++) {
        names.add(p.getDB2ParameterName(i));
        nullable.add(p.isNullable(i) == java.sql.ParameterMetaData.parameterNullable);
      }
      JSONObject answer = new JSONObject();
      answer.put("nullable", nullable);
      answer.put("names", names);
      return answer;
    }
  }

  private Object runPrepared(JSONObject r) throws Exception {
    PreparedStatement s = (PreparedStatement) statements.get(text(r, "s", "s"));
    tune(s, r);
    bind(s, (JSONArray) r.get("params"));
    return outcome(s, s.execute());
  }

  @SuppressWarnings("unchecked")
  private Object outcome(Statement s, boolean isRows) throws Exception {
    JSONObject answer = new JSONObject();
    if (isRows) {
      try (ResultSet rs = s.getResultSet()) {
        answer.putAll((JSONObject) rows(rs, s));
      }
    } else {
      answer.put("count", s.getUpdateCount());
    }
    answer.put("warning", warning(s.getWarnings()));
    return answer;
  }

  @SuppressWarnings("unchecked")
  private Object batch(JSONObject r) throws Exception {
    JSONArray counts = new JSONArray();
    try (PreparedStatement s = connection(r).prepareStatement(text(r, "sql", ""))) {
      for (Object row : (JSONArray) r.get("rows")) {
        bind(s, (JSONArray) row);
        s.addBatch();
      }
      for (int n : s.executeBatch()) counts.add(n);
    }
    return counts;
  }

  @SuppressWarnings("unchecked")
  private Object call(JSONObject r) throws Exception {
    JSONObject answer = new JSONObject();
    try (CallableStatement s = connection(r).prepareCall(text(r, "sql", ""))) {
      bind(s, (JSONArray) r.get("params"));
      JSONArray outs = (JSONArray) r.get("outs");
      if (outs != null) for (Object o : outs) s.registerOutParameter(((Number) o).intValue(), s.getParameterMetaData().getParameterType(((Number) o).intValue()));
      boolean isRows = s.execute();
      JSONArray sets = new JSONArray();
      while (isRows) {
        try (ResultSet rs = s.getResultSet()) {
          sets.add(rows(rs, s));
        }
        isRows = s.getMoreResults();
      }
      answer.put("sets", sets);
      JSONArray values = new JSONArray();
      if (outs != null) for (Object o : outs) values.add(s.getString(((Number) o).intValue()));
      answer.put("outs", values);
    }
    return answer;
  }

  /** Leaves a cursor open, to be read by "next". */
  private Object open(JSONObject r) throws Exception {
    int concurrency = Boolean.TRUE.equals(r.get("updatable")) ? ResultSet.CONCUR_UPDATABLE : ResultSet.CONCUR_READ_ONLY;
    Statement s = Boolean.TRUE.equals(r.get("scroll"))
        ? connection(r).createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, concurrency)
        : connection(r).createStatement(ResultSet.TYPE_FORWARD_ONLY, concurrency);
    if (r.get("cursor") != null) s.setCursorName(text(r, "cursor", ""));
    tune(s, r);
    statements.put(text(r, "s", "s"), s);
    cursors.put(text(r, "s", "s"), s.executeQuery(text(r, "sql", "")));
    return null;
  }

  @SuppressWarnings("unchecked")
  private Object next(JSONObject r) throws Exception {
    ResultSet rs = cursors.get(text(r, "s", "s"));
    boolean found;
    switch (text(r, "move", "next")) {
      case "previous": found = rs.previous(); break;
      case "first": found = rs.first(); break;
      case "last": found = rs.last(); break;
      case "absolute": found = rs.absolute(number(r, "row")); break;
      case "relative": found = rs.relative(number(r, "row")); break;
      default: found = rs.next();
    }
    return found ? row(rs) : null;
  }

  /** Where a cursor stands between two moves. */
  @SuppressWarnings("unchecked")
  private Object place(JSONObject r) throws Exception {
    ResultSet rs = cursors.get(text(r, "s", "s"));
    JSONObject answer = new JSONObject();
    answer.put("beforeFirst", rs.isBeforeFirst());
    answer.put("afterLast", rs.isAfterLast());
    return answer;
  }

  private Object openMany(JSONObject r) throws Exception {
    List<PreparedStatement> open = new ArrayList<>();
    int n = number(r, "n");
    try {
      for (int i = 0; i < n; i++) {
        PreparedStatement s = connection(r).prepareStatement(text(r, "sql", ""));
        open.add(s);
      }
      int rows = 0;
      List<ResultSet> sets = new ArrayList<>();
      for (PreparedStatement s : open) sets.add(s.executeQuery());
      for (ResultSet rs : sets) while (rs.next()) rows++;
      return rows;
    } finally {
      for (PreparedStatement s : open) s.close();
    }
  }

  private Object metadata(JSONObject r) throws Exception {
    DatabaseMetaData m = connection(r).getMetaData();
    String a = text(r, "schema", null), b = text(r, "table", null);
    switch (text(r, "method", "")) {
      case "tables": return rows(m.getTables(null, a, b, null), null);
      case "columns": return rows(m.getColumns(null, a, b, text(r, "column", null)), null);
      case "primaryKeys": return rows(m.getPrimaryKeys(null, a, b), null);
      case "schemas": return rows(m.getSchemas(), null);
      case "procedures": return rows(m.getProcedures(null, a, b), null);
      case "importedKeys": return rows(m.getImportedKeys(null, a, b), null);
      case "exportedKeys": return rows(m.getExportedKeys(null, a, b), null);
      case "bestRow": return rows(m.getBestRowIdentifier(null, a, b, DatabaseMetaData.bestRowSession, true), null);
      case "privileges": return rows(m.getTablePrivileges(null, a, b), null);
      case "typeInfo": return rows(m.getTypeInfo(), null);
      case "tableTypes": return rows(m.getTableTypes(), null);
      case "catalogs": return rows(m.getCatalogs(), null);
      case "indexes": return rows(m.getIndexInfo(null, a, b, false, false), null);
      default: throw new IllegalArgumentException("unknown metadata " + r.get("method"));
    }
  }

  /** Reads every column of every row as text and keeps nothing: the measuring loop. */
  @SuppressWarnings("unchecked")
  private Object drain(JSONObject r) throws Exception {
    long start = System.nanoTime();
    long rows = 0;
    long characters = 0;
    try (Statement s = connection(r).createStatement(); ResultSet rs = s.executeQuery(text(r, "sql", ""))) {
      int n = rs.getMetaData().getColumnCount();
      while (rs.next()) {
        rows++;
        for (int i = 1; i <= n; i++) {
          String v = rs.getString(i);
          if (v != null) characters += v.length();
        }
      }
    }
    JSONObject answer = new JSONObject();
    answer.put("rows", rows);
    answer.put("characters", characters);
    answer.put("ms", (System.nanoTime() - start) / 1e6);
    return answer;
  }

  @SuppressWarnings("unchecked")
  private static Object rows(ResultSet rs, Statement s) throws Exception {
    JSONObject answer = new JSONObject();
    answer.put("columns", columns(rs.getMetaData()));
    JSONArray all = new JSONArray();
    while (rs.next()) all.add(row(rs));
    answer.put("rows", all);
    if (s != null) answer.put("warning", warning(rs.getWarnings()));
    return answer;
  }

  @SuppressWarnings("unchecked")
  private static JSONArray columns(ResultSetMetaData m) throws Exception {
    JSONArray columns = new JSONArray();
    for (int i = 1; i <= m.getColumnCount(); i++) {
      JSONObject c = new JSONObject();
      c.put("name", m.getColumnName(i));
      c.put("label", m.getColumnLabel(i));
      c.put("type", m.getColumnTypeName(i));
      c.put("precision", m.getPrecision(i));
      c.put("scale", m.getScale(i));
      c.put("nullable", m.isNullable(i) == ResultSetMetaData.columnNullable);
      columns.add(c);
    }
    return columns;
  }

  @SuppressWarnings("unchecked")
  private static JSONArray row(ResultSet rs) throws Exception {
    ResultSetMetaData m = rs.getMetaData();
    JSONArray row = new JSONArray();
    for (int i = 1; i <= m.getColumnCount(); i++) row.add(value(rs, i, m.getColumnType(i)));
    return row;
  }

  private static Object value(ResultSet rs, int i, int type) throws Exception {
    switch (type) {
      case Types.BINARY:
      case Types.VARBINARY:
      case Types.LONGVARBINARY:
      case Types.ROWID: {
        byte[] b = rs.getBytes(i);
        return b == null ? null : "x" + hex(b);
      }
      case Types.BLOB: {
        Blob b = rs.getBlob(i);
        return b == null ? null : "x" + hex(b.getBytes(1, (int) b.length()));
      }
      case Types.CLOB:
      case Types.NCLOB: {
        Clob c = rs.getClob(i);
        return c == null ? null : c.getSubString(1, (int) c.length());
      }
      case Types.DECIMAL:
      case Types.NUMERIC: {
        BigDecimal d = rs.getBigDecimal(i);
        return d == null ? null : d.toPlainString();
      }
      case Types.DATE: {
        // the driver's own text follows the job's format; a java.sql.Date says what it understood
        if (!plainMoments) return rs.getString(i);
        java.sql.Date d = rs.getDate(i);
        return d == null ? null : d.toString();
      }
      case Types.TIME: {
        if (!plainMoments) return rs.getString(i);
        java.sql.Time t = rs.getTime(i);
        return t == null ? null : t.toString();
      }
      default:
        return rs.getString(i);
    }
  }

  private static void bind(PreparedStatement s, JSONArray params) throws Exception {
    if (params == null) return;
    for (int i = 0; i < params.size(); i++) {
      Object p = params.get(i);
      if (p == null) s.setNull(i + 1, Types.NULL);
      else if (p instanceof Long) s.setLong(i + 1, (Long) p);
      else if (p instanceof Double) s.setDouble(i + 1, (Double) p);
      else if (p instanceof Boolean) s.setBoolean(i + 1, (Boolean) p);
      else if (p instanceof JSONObject) bindTagged(s, i + 1, (JSONObject) p);
      else s.setString(i + 1, (String) p);
    }
  }

  private static void bindTagged(PreparedStatement s, int i, JSONObject p) throws Exception {
    String v = (String) p.get("v");
    switch ((String) p.get("t")) {
      case "skip": return;
      case "bytes": s.setBytes(i, unhex(v)); return;
      case "blob": s.setBinaryStream(i, new java.io.ByteArrayInputStream(unhex(v)), v.length() / 2); return;
      case "clob": s.setCharacterStream(i, new java.io.StringReader(v), v.length()); return;
      case "double": s.setDouble(i, Double.parseDouble(v)); return;
      case "decimal": s.setBigDecimal(i, new BigDecimal(v)); return;
      case "date": s.setDate(i, java.sql.Date.valueOf(v)); return;
      case "time": s.setTime(i, java.sql.Time.valueOf(v)); return;
      case "timestamp": s.setTimestamp(i, Timestamp.valueOf(v)); return;
      default: throw new IllegalArgumentException("unknown tag " + p.get("t"));
    }
  }

  private void tune(Statement s, JSONObject r) throws Exception {
    if (r.get("fetchSize") != null) s.setFetchSize(number(r, "fetchSize"));
    if (r.get("timeout") != null) s.setQueryTimeout(number(r, "timeout"));
  }

  private Connection connection(JSONObject r) {
    return connections.get(text(r, "c", "c"));
  }

  @SuppressWarnings("unchecked")
  private static JSONObject warning(SQLWarning w) {
    if (w == null) return null;
    JSONObject o = new JSONObject();
    o.put("message", w.getMessage());
    o.put("state", w.getSQLState());
    o.put("code", w.getErrorCode());
    return o;
  }

  @SuppressWarnings("unchecked")
  private static JSONObject describe(Throwable t) {
    JSONObject o = new JSONObject();
    o.put("class", t.getClass().getSimpleName());
    o.put("message", t.getMessage());
    if (t instanceof BatchUpdateException) {
      JSONArray counts = new JSONArray();
      for (int n : ((BatchUpdateException) t).getUpdateCounts()) counts.add(n);
      o.put("counts", counts);
    }
    if (t instanceof SQLException) {
      o.put("state", ((SQLException) t).getSQLState());
      o.put("code", ((SQLException) t).getErrorCode());
    } else {
      java.io.StringWriter w = new java.io.StringWriter();
      t.printStackTrace(new java.io.PrintWriter(w));
      o.put("stack", w.toString());
    }
    StringBuilder causes = new StringBuilder();
    for (Throwable c = t.getCause(); c != null; c = c.getCause()) causes.append(c.getClass().getName()).append(": ").append(c.getMessage()).append('\n');
    o.put("causes", causes.toString());
    return o;
  }

  private static String text(JSONObject o, String key, String otherwise) {
    Object v = o.get(key);
    return v == null ? otherwise : (String) v;
  }

  private static int number(JSONObject o, String key) {
    return ((Number) o.get(key)).intValue();
  }

  private static String hex(byte[] bytes) {
    StringBuilder b = new StringBuilder(bytes.length * 2);
    for (byte x : bytes) b.append(Character.forDigit((x >> 4) & 15, 16)).append(Character.forDigit(x & 15, 16));
    return b.toString();
  }

  private static byte[] unhex(String s) {
    byte[] bytes = new byte[s.length() / 2];
    for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) Integer.parseInt(s.substring(2 * i, 2 * i + 2), 16);
    return bytes;
  }
}
