import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;

/** Reads a whole result with getString on every column, once per line of standard input; prints rows and milliseconds. args[4]: properties of the driver. */
public class JtopenRows {
    public static void main(String[] args) throws Exception {
        Class.forName("com.ibm.as400.access.AS400JDBCDriver");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        while (in.readLine() != null) {
            String figures;
            try (Connection connection = DriverManager.getConnection("jdbc:as400://" + args[0] + ";prompt=false" + (args.length > 4 ? ";" + args[4] : ""), args[1], args[2]);
                 Statement statement = connection.createStatement()) {
                long start = System.nanoTime();
                long rows = 0;
                long length = 0;
                try (ResultSet result = statement.executeQuery(args[3])) {
                    int columns = result.getMetaData().getColumnCount();
                    while (result.next()) {
                        for (int c = 1; c <= columns; c++) {
                            String value = result.getString(c);
                            if (value != null) length += value.length();
                        }
                        rows++;
                    }
                }
                figures = rows + " " + (System.nanoTime() - start) / 1e6;
                if (length < 0) System.err.println(length);
            }
            System.out.println(figures);
        }
    }
}
