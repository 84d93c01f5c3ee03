package kemu.report.plot;

import java.awt.BasicStroke;
import java.awt.Font;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.io.IOException;
import java.text.NumberFormat;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.NumberTickUnitSource;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.Layer;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.util.LogFormat;
import org.jfree.data.xy.DefaultXYDataset;

/** A picture with two axes. Method by method it is told what it shows; {@link Picture} draws it. */
public final class Plot {
    private static final String FAMILY = Font.SANS_SERIF;
    private static final Font SMALL = new Font(FAMILY, Font.PLAIN, 11);
    private static final float THIN = 1;
    private static final float THICK = 1.6f;
    /** Up to so many points, each is marked. */
    private static final int FEW_POINTS = 30;

    /** Marks that can be told apart on a picture's width. */
    private static final int MOST_ALARMS = 300;

    private static final Shape DOT = new Ellipse2D.Double(-2, -2, 4, 4);

    private final XYPlot plot = new XYPlot();
    private int dataSets;
    private boolean legend;

    /** An empty picture; {@code x} and {@code y} are its axes. */
    public Plot(ValueAxis x, ValueAxis y) {
        plot.setDomainAxis(styled(x));
        plot.setRangeAxis(styled(y));
        plot.setBackgroundPaint(null);
        plot.setOutlineVisible(false);
        plot.setDomainGridlinePaint(Ink.GRID.color());
        plot.setRangeGridlinePaint(Ink.GRID.color());
        plot.setDomainGridlineStroke(new BasicStroke(THIN));
        plot.setRangeGridlineStroke(new BasicStroke(THIN));
        plot.setAxisOffset(RectangleInsets.ZERO_INSETS);
    }

    private static ValueAxis styled(ValueAxis axis) {
        axis.setLabelFont(SMALL);
        axis.setTickLabelFont(SMALL);
        axis.setLabelPaint(Ink.TEXT.color());
        axis.setTickLabelPaint(Ink.TEXT.color());
        axis.setAxisLinePaint(Ink.TEXT.color());
        axis.setTickMarkPaint(Ink.TEXT.color());
        return axis;
    }

    /** An axis of numbers that ends where the data ends. */
    public static NumberAxis numbers(String label) {
        NumberAxis axis = new NumberAxis(label);
        axis.setStandardTickUnits(new NumberTickUnitSource(false, NumberFormat.getInstance(Locale.ROOT)));
        axis.setAutoRangeIncludesZero(false);
        axis.setUpperMargin(0);
        axis.setLowerMargin(0);
        return axis;
    }

    /** An axis of numbers from zero. */
    public static NumberAxis fromZero(String label) {
        NumberAxis axis = numbers(label);
        axis.setAutoRangeIncludesZero(true);
        axis.setUpperMargin(0.08);
        axis.setAutoRangeMinimumSize(1e-3);
        return axis;
    }

    /** A logarithmic axis of numbers. */
    public static LogAxis logarithmic(String label) {
        LogAxis axis = new LogAxis(label);
        axis.setNumberFormatOverride(new LogFormat(10, "", "", true) {
            private static final long serialVersionUID = 1L;

            @Override
            public StringBuffer format(double number, StringBuffer to, java.text.FieldPosition position) {
                return NumberFormat.getInstance(Locale.ROOT).format(number, to, position);
            }
        });
        return axis;
    }

    /** A logarithmic axis of latencies in nanoseconds, whole powers of ten around {@code least} to {@code most}. */
    public static LogAxis latencies(double least, double most) {
        LogAxis axis = new LogAxis(null);
        axis.setNumberFormatOverride(new LatencyFormat());
        axis.setTickUnit(new NumberTickUnit(1));
        double from = Math.floor(Math.log10(Math.max(1, least)));
        double to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(1, most))));
        axis.setRange(Math.pow(10, from), Math.pow(10, to));
        return axis;
    }

    /** An axis of percentiles from the least to 1 - 10^-{@code nines}, each nine as wide as the one before. */
    public static NumberAxis nines(double nines) {
        NumberAxis axis = new NumberAxis(null);
        axis.setRange(0, nines);
        axis.setStandardTickUnits(new NumberTickUnitSource(true));
        axis.setNumberFormatOverride(new NinesFormat());
        return axis;
    }

    /** Adds {@code lines}, each in a colour of its own, with their names below the picture if there are several. */
    public Plot lines(List<Line> lines) {
        DefaultXYDataset data = new DefaultXYDataset();
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
        renderer.setDrawSeriesLineAsPath(true);
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            data.addSeries(line.name(), plot.getRangeAxis() instanceof LogAxis ? line.positive() : line.points());
            renderer.setSeriesPaint(i, Ink.line(i).color());
            renderer.setSeriesStroke(i, new BasicStroke(THICK, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
            renderer.setSeriesShape(i, DOT);
            renderer.setSeriesShapesVisible(i, line.x().length <= FEW_POINTS);
        }
        plot.setDataset(dataSets, data);
        plot.setRenderer(dataSets++, renderer);
        legend |= lines.size() > 1;
        return this;
    }

    /** Adds rectangles in shades. */
    public Plot shades(Shades shades) {
        plot.setDataset(dataSets, shades.data());
        plot.setRenderer(dataSets++, Shades.renderer());
        return this;
    }

    /**
     * Marks the places {@code xs} of the horizontal axis, after what is shown, as those where something went wrong.
     * Those that would be drawn over each other are one mark: a page of a day with thousands of them stays small.
     */
    public Plot alarms(double... xs) {
        double apart = plot.getDomainAxis().getRange().getLength() / MOST_ALARMS;
        double[] sorted = xs.clone();
        Arrays.sort(sorted);
        double last = Double.NEGATIVE_INFINITY;
        for (double x : sorted) {
            if (x - last >= apart) {
                // Behind what is shown: a busy hour has marks from edge to edge.
                plot.addDomainMarker(new ValueMarker(x, Ink.ALARM.color(), new BasicStroke(THIN)), Layer.BACKGROUND);
                last = x;
            }
        }
        return this;
    }

    /** Draws it for a page; {@code label} is what it shows, in words. */
    String svg(String label, int width, int height) throws IOException {
        JFreeChart chart = new JFreeChart(null, SMALL, plot, false);
        chart.setBackgroundPaint(null);
        chart.setPadding(new RectangleInsets(4, 2, 2, 8));
        if (legend) {
            LegendTitle names = new LegendTitle(plot);
            names.setItemFont(SMALL);
            names.setItemPaint(Ink.TEXT.color());
            names.setBackgroundPaint(null);
            names.setPosition(RectangleEdge.BOTTOM);
            chart.addLegend(names);
        }
        return Svg.of(chart, label, width, height);
    }
}
