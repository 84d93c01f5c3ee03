package kemu.host;

/** Commands that are printed to be typed again. */
public final class Shell {
    private Shell() {}

    /** {@code word} as a POSIX shell takes it for one word. */
    public static String quote(String word) {
        return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
