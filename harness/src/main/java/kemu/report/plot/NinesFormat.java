package kemu.report.plot;

import java.math.BigDecimal;
import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;

/** Numbers of nines as percentiles: 2 is {@code 99 %}. */
final class NinesFormat extends NumberFormat {
    private static final long serialVersionUID = 1L;

    @Override
    public StringBuffer format(double nines, StringBuffer to, FieldPosition position) {
        return format(Math.round(nines), to, position);
    }

    @Override
    public StringBuffer format(long nines, StringBuffer to, FieldPosition position) {
        BigDecimal rest = BigDecimal.valueOf(100).scaleByPowerOfTen((int) -nines);
        return to.append(BigDecimal.valueOf(100)
                        .subtract(rest)
                        .stripTrailingZeros()
                        .toPlainString())
                .append(" %");
    }

    @Override
    public Number parse(String text, ParsePosition position) {
        throw new UnsupportedOperationException("only for output");
    }
}
