package kemu.trace.strace;

/** The notes that say what a log lacks. They stand in one place, because reports and options look for them. */
public final class Remarks {
    /** The lines carry no times. */
    public static final String NO_TIMES = "log has no times: order is that of the lines, all gaps are 0";
    /** Processes of which only the creation is recorded. */
    public static final String NO_LINES = "process without lines, exits at once (record with strace -f)";
    /** Threads of which only the creation is recorded. */
    public static final String NO_LINES_THREAD = "thread without lines, exits at once (record with strace -f)";
    /** Roots that ran already when the recording began. */
    public static final String ATTACHED = "root was running when the log begins: gets a made-up image";
    /** Tasks that the log does not see end. */
    public static final String STILL_RUNNING = "still running at the end of the log: ended there";
    /** Text between the lines. */
    public static final String FOREIGN = "skipped: text that is not strace's, between lines or inside them";
    /** Beginning of the notes for killed tasks; the signal's name follows. */
    public static final String KILLED = "killed by ";

    /** Path of the made-up image of {@link #ATTACHED}. */
    public static final String ATTACHED_PATH = "[attached]";

    private Remarks() {}
}
