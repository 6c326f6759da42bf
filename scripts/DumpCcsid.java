import com.ibm.as400.access.CharConverter;
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;

/**
 * Prints JTOpen's conversion tables, one line a table:
 *   S ccsid hex      256 UTF-16 units, FFFD where undefined
 *   D ccsid list     "pppp=uuuu[uuuu]" for each defined double-byte point
 *   E ccsid list     "uuuu=bb" or "uuuu=pppp": characters whose encoding is not the inverse of the decoding
 * Arguments: s:ccsid (EBCDIC single byte), a:ccsid (ASCII or PC single byte), d:ccsid (pure double byte), m:ccsid (mixed: both parts).
 */
public class DumpCcsid {
  static PrintStream out;

  public static void main(String[] args) throws Exception {
    out = new PrintStream(new BufferedOutputStream(System.out, 1 << 20), false, StandardCharsets.US_ASCII);
    for (String arg : args) {
      int ccsid = Integer.parseInt(arg.substring(2));
      CharConverter c = new CharConverter(ccsid);
      char kind = arg.charAt(0);
      if (kind != 'd') single(ccsid, c, kind);
      if (kind == 'd' || kind == 'm') pairs(ccsid, c, arg.charAt(0) == 'm');
    }
    out.flush();
  }

  /**
   * The bare table of a page. Only for the right-to-left pages, which the public converter also reshapes and reorders: a
   * layout matter, and not reversible.
   */
  static char[] bare(int ccsid) throws Exception {
    Class<?> type;
    try {
      type = Class.forName("com.ibm.as400.access.ConvTable" + ccsid);
    } catch (ClassNotFoundException e) {
      return null;
    }
    boolean reshapes = false;
    for (Class<?> k = type; k != null; k = k.getSuperclass()) reshapes |= k.getSimpleName().equals("ConvTableBidiMap");
    if (!reshapes) return null;
    java.lang.reflect.Constructor<?> make = type.getDeclaredConstructor();
    make.setAccessible(true);
    Object table = make.newInstance();
    for (Class<?> k = type; k != null; k = k.getSuperclass())
      for (java.lang.reflect.Field f : k.getDeclaredFields())
        if (f.getName().equals("toUnicode_") && f.getType() == char[].class) {
          f.setAccessible(true);
          return (char[]) f.get(table);
        }
    throw new IllegalStateException("no table for " + ccsid);
  }

  /** Whether SUB at this byte is the control character itself, and not what stands for an undefined one. PC pages have it at 7F. */
  static boolean isSub(int i, boolean ascii) {
    return ascii ? i == 0x1a || i == 0x7f : i == 0x3f;
  }

  static void single(int ccsid, CharConverter c, char kind) throws Exception {
    char[] bare = bare(ccsid);
    boolean mixed = kind == 'm';
    boolean ascii = kind == 'a';
    char[] to = new char[256];
    StringBuilder hex = new StringBuilder();
    for (int i = 0; i < 256; i++) {
      String s = bare != null ? String.valueOf(bare[i]) : mixed && (i == 0x0e || i == 0x0f) ? String.valueOf((char) i) : c.byteArrayToString(new byte[] {(byte) i});
      to[i] = s.length() != 1 || (s.charAt(0) == 0x1a && !isSub(i, ascii)) ? 0xfffd : s.charAt(0);
      hex.append(String.format("%04X", (int) to[i]));
    }
    out.println("S " + ccsid + " " + hex);
    StringBuilder extra = new StringBuilder();
    for (int u = 0; u < 0xfffe && bare == null; u++) {
      if (u >= 0xd800 && u < 0xe000) continue;
      byte[] b = c.stringToByteArray(String.valueOf((char) u));
      if (b.length != 1 || isSub(b[0] & 255, ascii) || to[b[0] & 255] == u) continue;
      extra.append(String.format("%04X=%02X ", u, b[0] & 255));
    }
    // Duplicates: the byte chosen when two bytes decode to one character.
    for (int i = 0; i < 256 && bare == null; i++) {
      if (to[i] == 0xfffd) continue;
      for (int j = 0; j < i; j++)
        if (to[j] == to[i]) {
          byte[] b = c.stringToByteArray(String.valueOf(to[i]));
          extra.append(String.format("!%04X=%02X ", (int) to[i], b[0] & 255));
        }
    }
    out.println("E " + ccsid + " " + extra);
  }

  static void pairs(int ccsid, CharConverter c, boolean mixed) {
    StringBuilder list = new StringBuilder();
    Map<String, Integer> first = new HashMap<>();
    String[] to = new String[65536];
    for (int hi = 0; hi < 256; hi++)
      for (int lo = 0; lo < 256; lo++) {
        if (mixed && (hi < 0x40 || lo < 0x40 || hi == 255 || lo == 255)) continue;
        byte[] in = mixed ? new byte[] {0x0e, (byte) hi, (byte) lo, 0x0f} : new byte[] {(byte) hi, (byte) lo};
        String s = c.byteArrayToString(in);
        if (s.isEmpty() || s.indexOf(0xfffd) >= 0 || s.indexOf(0x1a) >= 0) continue;
        int p = hi << 8 | lo;
        to[p] = s;
        first.putIfAbsent(s, p);
        list.append(String.format("%04X=", p));
        for (char ch : s.toCharArray()) list.append(String.format("%04X", (int) ch));
        list.append(' ');
      }
    out.println("D " + ccsid + " " + list);
    StringBuilder extra = new StringBuilder();
    for (int u = 0x20; u < 0xfffe; u++) {
      if (u >= 0xd800 && u < 0xe000) continue;
      String s = String.valueOf((char) u);
      byte[] b = c.stringToByteArray(s);
      int at = mixed ? 1 : 0;
      if (mixed ? b.length != 4 || b[0] != 0x0e : b.length != 2) continue;
      int p = (b[at] & 255) << 8 | b[at + 1] & 255;
      if (p == 0xfefe) continue;
      Integer f = first.get(s);
      if (f != null && f == p) continue;
      extra.append(String.format("%04X=%04X ", u, p));
    }
    out.println("E2 " + ccsid + " " + extra);
  }
}
