package kemu.report.plot;

import java.util.ArrayList;
import java.util.List;
import org.jfree.chart.renderer.xy.StandardXYBarPainter;
import org.jfree.chart.renderer.xy.XYBarRenderer;
import org.jfree.data.xy.DefaultIntervalXYDataset;

/** Rectangles, each in one of eight shades: a heat map in which equal neighbours are one rectangle. */
public final class Shades {
    /** Number of shades. */
    public static final int LEVELS = 8;

    private record Box(double left, double right, double bottom, double top) {}

    private final List<List<Box>> boxes = new ArrayList<>();

    /** None yet. */
    public Shades() {
        for (int level = 0; level < LEVELS; level++) {
            boxes.add(new ArrayList<>());
        }
    }

    /** Adds a rectangle in shade {@code level}, 0 being the palest. */
    public void add(int level, double left, double right, double bottom, double top) {
        boxes.get(level).add(new Box(left, right, bottom, top));
    }

    DefaultIntervalXYDataset data() {
        DefaultIntervalXYDataset data = new DefaultIntervalXYDataset();
        for (int level = 0; level < LEVELS; level++) {
            List<Box> own = boxes.get(level);
            double[][] values = new double[6][own.size()];
            for (int i = 0; i < own.size(); i++) {
                Box box = own.get(i);
                values[0][i] = (box.left + box.right) / 2;
                values[1][i] = box.left;
                values[2][i] = box.right;
                values[3][i] = (box.bottom + box.top) / 2;
                values[4][i] = box.bottom;
                values[5][i] = box.top;
            }
            data.addSeries("shade " + level, values);
        }
        return data;
    }

    static XYBarRenderer renderer() {
        XYBarRenderer renderer = new XYBarRenderer();
        renderer.setUseYInterval(true);
        renderer.setBarPainter(new StandardXYBarPainter());
        renderer.setShadowVisible(false);
        renderer.setDrawBarOutline(false);
        for (int level = 0; level < LEVELS; level++) {
            renderer.setSeriesPaint(level, Ink.shade(level).color());
        }
        return renderer;
    }
}
