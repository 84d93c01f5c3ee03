package kemu.option;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converters for sizes (k, m, g) and times (ms, s, m, h). */
public final class Sizes {
    private Sizes() {}

    /** Bytes, from {@code 512m} and the like. */
    public static final class Bytes implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            String text = value.trim().toLowerCase(Locale.ROOT);
            long unit =
                    text.endsWith("k") ? 1L << 10 : text.endsWith("m") ? 1L << 20 : text.endsWith("g") ? 1L << 30 : 1;
            return number(
                    value, unit == 1 ? text : text.substring(0, text.length() - 1), unit, "a size such as 512m or 2g");
        }
    }

    /** As {@link Bytes}, or 0 for none. */
    public static final class BytesOrNone implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            return value.trim().equals("0") ? 0L : new Bytes().convert(value);
        }
    }

    /** Milliseconds, from {@code 90s} and the like. */
    public static final class Millis implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            String text = value.trim().toLowerCase(Locale.ROOT);
            String allowed = "a time such as 500ms, 30s, 10m or 52h";
            if (text.endsWith("ms")) {
                return number(value, text.substring(0, text.length() - 2), 1, allowed);
            }
            long unit = text.endsWith("s") ? 1_000 : text.endsWith("m") ? 60_000 : text.endsWith("h") ? 3_600_000 : 0;
            if (unit == 0) {
                throw new TypeConversionException("'" + value + "' (allowed: " + allowed + ")");
            }
            return number(value, text.substring(0, text.length() - 1), unit, allowed);
        }
    }

    private static long number(String given, String digits, long unit, String allowed) {
        try {
            long count = Long.parseLong(digits);
            if (count > 0) {
                return Math.multiplyExact(count, unit);
            }
        } catch (NumberFormatException | ArithmeticException wrong) {
            // Falls through: the same message says what is allowed.
        }
        throw new TypeConversionException("'" + given + "' (allowed: " + allowed + ")");
    }
}
