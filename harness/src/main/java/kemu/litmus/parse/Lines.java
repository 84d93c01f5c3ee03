package kemu.litmus.parse;

/** Line numbers of offsets. */
final class Lines {
    private Lines() {}

    /** Line of {@code offset}, from 1. */
    static int of(String text, int offset) {
        int line = 1;
        for (int i = 0; i < offset && i < text.length(); i++) {
            line += text.charAt(i) == '\n' ? 1 : 0;
        }
        return line;
    }
}
