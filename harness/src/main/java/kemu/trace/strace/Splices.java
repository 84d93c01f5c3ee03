package kemu.trace.strace;

import kemu.trace.model.TraceException;
import kemu.trace.model.TraceNotes;

/**
 * Puts lines together that are torn apart. On a terminal the output of the traced program, and messages of strace
 * itself, stand between the lines of the log and inside them: a call is written when it is entered and its result when
 * it is left.
 */
final class Splices {
    /** The line completes nothing. */
    static final int SKIPPED = 0;
    /** The line completed the open call. */
    static final int WHOLE = 1;
    /** A line of strace begins inside the line. */
    static final int HIDDEN = 2;

    private final LogForm form;
    private final Owners owners;
    private final TraceNotes notes;
    private long foreign;

    private RawTask task;
    private byte[] text = new byte[256];
    private int length;
    private int splice;
    private long entry;
    private long line;
    private int hiddenAt;
    /** Whether something else than a message of strace stands inside the call. */
    private boolean torn;

    Splices(LogForm form, Owners owners, TraceNotes notes) {
        this.form = form;
        this.owners = owners;
        this.notes = notes;
    }

    /**
     * Whether the log was written to a file of its own, as far as can be seen: then nothing can stand in it but what
     * strace wrote, and a line that is not understood is damage.
     */
    boolean strict() {
        return form.pidColumn && foreign == 0;
    }

    /** Keeps the beginning of a call that is not complete; false if this is no place for that. */
    boolean begin(RawTask owner, Scan s, long entered, long at, boolean mayEndInMessage) {
        length = 0;
        int end = mayEndInMessage ? Messages.startIn(s, owners) : -1;
        torn = end < 0;
        append(s.b, s.pos, end < 0 ? s.end : end);
        task = owner;
        entry = entered;
        line = at;
        return true;
    }

    private void append(byte[] b, int from, int to) {
        if (text.length < length + to - from) {
            text = java.util.Arrays.copyOf(text, (length + to - from) * 2);
        }
        System.arraycopy(b, from, text, length, to - from);
        length += to - from;
    }

    /** Gives up the open call, since another line of strace begins. */
    void abandon(String file, long at, boolean lenient) throws TraceException {
        if (task == null) {
            return;
        }
        task = null;
        if (strict() && !lenient) {
            throw new TraceException(file, line, "call without a result");
        }
        notes.add("skipped: call without a result", 1);
    }

    /** The log is over. */
    void end() {
        if (task != null) {
            notes.add("last line is cut off", 1);
            task = null;
        }
        notes.add(Remarks.FOREIGN, foreign);
    }

    /** A line without the prefix of strace's lines. */
    int foreign(Scan s) {
        if (Messages.own(s, owners) || table(s) || continuation(s)) {
            return SKIPPED;
        }
        int half = task == null ? -1 : Shape.unfinishedAt(s);
        if (half >= 0) {
            task.open(text, 0, length, entry);
            task.openSpliced = true;
            task = null;
            foreign += torn ? 1 : 0;
            return SKIPPED;
        }
        if (task != null && completes(s)) {
            return WHOLE;
        }
        hiddenAt = hidden(s);
        if (hiddenAt > 0) {
            foreign++;
            return HIDDEN;
        }
        foreign++;
        return SKIPPED;
    }

    private boolean completes(Scan s) {
        boolean wrapped = length > 0 && (text[length - 1] == ',' || text[length - 1] == '=');
        boolean result = Shape.resultAt(s) >= 0;
        boolean bare = wrapped && text[length - 1] == '=' && s.pos < s.end && (s.at('0') || s.at('-') || s.at('?'));
        if (!result && !bare) {
            return false;
        }
        if (wrapped) {
            append(new byte[] {' '}, 0, 1);
        }
        splice = length;
        foreign += torn && !wrapped ? 1 : 0;
        append(s.b, s.pos, s.end);
        return true;
    }

    /** The summary that {@code -c} or {@code -C} adds. */
    private boolean table(Scan s) {
        form.summary |= s.startsWith("% time ");
        return form.summary;
    }

    /** What {@code -k} and {@code -e read=} write below a call. */
    private boolean continuation(Scan s) {
        s.blanks();
        boolean stack = s.startsWith("> ");
        form.stacks |= stack;
        return stack || s.startsWith("| ");
    }

    /** Where {@code [pid N]} begins inside the line, or -1. */
    private int hidden(Scan s) {
        int at = form.pidColumn ? -1 : s.find("[pid ");
        return at > s.pos ? at : -1;
    }

    int hiddenAt() {
        return hiddenAt;
    }

    /** Owner of the call that was completed. */
    RawTask task() {
        RawTask t = task;
        task = null;
        return t;
    }

    byte[] text() {
        return text;
    }

    int length() {
        return length;
    }

    int splice() {
        return splice;
    }

    long entry() {
        return entry;
    }
}
