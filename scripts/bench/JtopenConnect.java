import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;

/** Connects over TLS, signs on, fetches the first row, once per line of standard input; prints milliseconds. */
public class JtopenConnect {
    public static void main(String[] args) throws Exception {
        Class.forName("com.ibm.as400.access.AS400JDBCDriver");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        while (in.readLine() != null) {
            long start = System.nanoTime();
            double ms;
            try (Connection connection = DriverManager.getConnection("jdbc:as400://" + args[0] + ";secure=true;prompt=false", args[1], args[2]);
                 Statement statement = connection.createStatement();
                 ResultSet result = statement.executeQuery(args[3])) {
                result.next();
                result.getString(1);
                ms = (System.nanoTime() - start) / 1e6;
            }
            System.out.println(ms);
        }
    }
}
