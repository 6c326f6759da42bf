import com.ibm.as400.access.*;
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;

/**
 * Decodes fields with JTOpen's data types: the judge of test/record/jtopen-judge.test.ts.
 * Each line on stdin: kind, parameters and hex, separated by blanks. Each answer: "= value", or "! reason".
 */
public class JtopenJudge {
  static final TimeZone UTC = TimeZone.getTimeZone("UTC");

  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false, StandardCharsets.UTF_8);
    for (String line; (line = in.readLine()) != null; ) {
      String[] p = line.split(" ");
      String answer;
      try {
        answer = "= " + decode(p);
      } catch (Exception e) {
        answer = "! " + e.getClass().getSimpleName() + " " + String.valueOf(e.getMessage()).replace('\n', ' ');
      }
      out.println(answer);
    }
    out.flush();
  }

  static String decode(String[] p) throws Exception {
    byte[] b = bytes(p[p.length - 1]);
    switch (p[0]) {
      case "packed":
        return ((java.math.BigDecimal) new AS400PackedDecimal(number(p[1]), number(p[2])).toObject(b)).toPlainString();
      case "zoned":
        return ((java.math.BigDecimal) new AS400ZonedDecimal(number(p[1]), number(p[2])).toObject(b)).toPlainString();
      case "decfloat":
        return new AS400DecFloat(number(p[1]) == 8 ? 16 : 34).toObject(b).toString();
      case "bin2":
        return new AS400Bin2().toObject(b).toString();
      case "bin4":
        return new AS400Bin4().toObject(b).toString();
      case "bin8":
        return new AS400Bin8().toObject(b).toString();
      case "float4":
        return new AS400Float4().toObject(b).toString();
      case "float8":
        return new AS400Float8().toObject(b).toString();
      case "date":
        return String.valueOf(new AS400Date(UTC, AS400Date.toFormat(p[1]), separator(p[2])).toObject(b));
      case "time":
        return String.valueOf(new AS400Time(UTC, AS400Time.toFormat(p[1]), separator(p[2])).toObject(b));
      case "timestamp":
        return new AS400Timestamp(UTC).toObject(b).toString();
      case "text": {
        String text = new AS400Text(b.length, number(p[1])).toObject(b).toString();
        StringBuilder units = new StringBuilder();
        for (char c : text.toCharArray()) units.append(String.format("%04x", (int) c));
        return units.toString();
      }
      default:
        throw new IllegalArgumentException(p[0]);
    }
  }

  /** "none" is a field without separators, "blank" one with blanks. */
  static Character separator(String name) {
    return name.equals("none") ? null : name.equals("blank") ? '&' : (Character) name.charAt(0);
  }

  static int number(String text) {
    return Integer.parseInt(text);
  }

  static byte[] bytes(String hex) {
    byte[] out = new byte[hex.length() / 2];
    for (int i = 0; i < out.length; i++) out[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
    return out;
  }
}
