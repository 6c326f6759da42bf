import com.ibm.as400.access.CharConverter;

/** Prints a text in a CCSID as JTOpen encodes it, in hex. Arguments: ccsid, text. */
public class EncodeText {
  public static void main(String[] args) throws Exception {
    StringBuilder hex = new StringBuilder();
    for (byte b : new CharConverter(Integer.parseInt(args[0])).stringToByteArray(args[1])) hex.append(String.format("%02x", b & 255));
    System.out.println(hex);
  }
}
