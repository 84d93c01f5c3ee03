package kemu.trace.model;

/** An input that is no usable trace. The message is one line, {@code FILE:LINE: reason} or {@code FILE: reason}. */
public final class TraceException extends Exception {
    private static final long serialVersionUID = 1L;

    /** {@code line} is 1-based; 0 if the reason belongs to no line. */
    public TraceException(String file, long line, String reason) {
        super(file + (line > 0 ? ":" + line : "") + ": " + reason);
    }
}
