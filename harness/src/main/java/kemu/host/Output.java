package kemu.host;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;

/**
 * Standard output that notices when it goes nowhere. A {@link PrintStream} swallows what the host says of a full disk
 * or a closed pipe; with this one the work ends, since nobody would read what it finds.
 */
public final class Output {
    private static volatile IOException lost;

    private Output() {}

    /** Puts it in the place of {@link System#out}. */
    public static void install() {
        OutputStream out = new OutputStream() {
            private final OutputStream host = new FileOutputStream(FileDescriptor.out);

            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int count) throws IOException {
                try {
                    host.write(bytes, from, count);
                } catch (IOException failed) {
                    lost(failed);
                    throw failed;
                }
            }
        };
        Charset charset = Charset.forName(
                System.getProperty("stdout.encoding", Charset.defaultCharset().name()), Charset.defaultCharset());
        System.setOut(new PrintStream(new BufferedOutputStream(out), true, charset));
    }

    private static void lost(IOException failed) {
        if (lost == null) {
            lost = failed;
            Stop.request("standard output cannot be written (" + SafeFiles.reason(failed) + ")");
        }
    }

    /** The code to exit with: {@code code}, but {@code ifLost} if output is lost and no violation was found. */
    public static int exitCode(int code, int violation, int ifLost) {
        System.out.flush();
        return code != violation && lost != null ? ifLost : code;
    }
}
