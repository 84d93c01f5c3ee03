package kemu.trace.strace;

import java.io.Closeable;
import java.io.IOException;
import kemu.trace.model.TraceException;

/** Lines of a log in an order that lets causes come first, from one file or from a file for every task. */
interface LogLines extends Closeable {
    /** Moves to the next line; false at the end. The previous line's bytes are gone. */
    boolean advance() throws IOException, TraceException;

    /** Where the line is: its bytes are {@code [start, end)} of the buffer. */
    LineReader at();

    /** Name of the file for messages. */
    String file();

    /** Whose lines these are, or 0 if the lines say so. */
    int pid();

    /** Clock of the file. */
    Clock clock();

    /** The line just read created a task: its lines, if they are in a file of their own, come next. */
    default void created(int pid) throws IOException, TraceException {}

    /** The line just read ended the task: what follows in its file is another one with that pid. */
    default void ended() throws IOException {}

    /** A log in one file. */
    static LogLines of(LineReader reader, String file) {
        Clock clock = new Clock();
        return new LogLines() {
            @Override
            public boolean advance() throws IOException {
                return reader.advance();
            }

            @Override
            public LineReader at() {
                return reader;
            }

            @Override
            public String file() {
                return file;
            }

            @Override
            public int pid() {
                return 0;
            }

            @Override
            public Clock clock() {
                return clock;
            }

            @Override
            public void close() throws IOException {
                reader.close();
            }
        };
    }
}
