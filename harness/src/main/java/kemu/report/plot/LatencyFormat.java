package kemu.report.plot;

import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;
import java.util.Locale;

/** Nanoseconds as a person writes them: {@code 20 ns}, {@code 3.1 us}, {@code 2 s}. */
public final class LatencyFormat extends NumberFormat {
    private static final long serialVersionUID = 1L;

    private static final String[] UNITS = {"ns", "us", "ms", "s"};

    @Override
    public StringBuffer format(double nanos, StringBuffer to, FieldPosition position) {
        return to.append(text(nanos));
    }

    @Override
    public StringBuffer format(long nanos, StringBuffer to, FieldPosition position) {
        return to.append(text(nanos));
    }

    @Override
    public Number parse(String text, ParsePosition position) {
        throw new UnsupportedOperationException("only for output");
    }

    /** {@code nanos} with its unit, in three digits at most unless it is 1000 s or more. */
    public static String text(double nanos) {
        double value = nanos;
        int unit = 0;
        // Ends at seconds.
        while (value >= 999.5 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        String digits = String.format(Locale.ROOT, value >= 99.95 ? "%.0f" : value >= 9.995 ? "%.1f" : "%.2f", value);
        if (digits.indexOf('.') >= 0) {
            digits = digits.replaceFirst("\\.?0+$", "");
        }
        return digits + " " + UNITS[unit];
    }
}
