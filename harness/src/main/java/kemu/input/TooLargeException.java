package kemu.input;

import java.io.IOException;

/** An input goes beyond a bound; the message names the bound in one line. */
public final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    /** {@code what} says what is bounded, such as "one line". */
    public TooLargeException(String what, long limitBytes) {
        super(what + " of more than " + size(limitBytes));
    }

    private static String size(long bytes) {
        for (int unit = 3; unit > 0; unit--) {
            if (bytes >> 10 * unit > 0 && (bytes & (1L << 10 * unit) - 1) == 0) {
                return (bytes >> 10 * unit) + " " + "KMG".charAt(unit - 1) + "iB";
            }
        }
        return bytes + " bytes";
    }
}
