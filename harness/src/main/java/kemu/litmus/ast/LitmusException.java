package kemu.litmus.ast;

/** A test that cannot be judged: malformed, or using a construct that is not known. The message is one line. */
public final class LitmusException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int line;

    /** {@code what} is wrong in line {@code line}. */
    public LitmusException(int line, String what) {
        super(what);
        this.line = line;
    }

    /** Line in the file, from 1; 0 if it concerns the whole file. */
    public int line() {
        return line;
    }
}
