package kemu.report.plot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlotTest {
    /** Marks drawn for {@code alarms} on an axis of 100, beyond those of a picture without any. */
    private static int marks(double... alarms) throws IOException {
        return lines(alarms) - lines();
    }

    private static int lines(double... alarms) throws IOException {
        var time = Plot.numbers("s");
        time.setRange(0, 100);
        Line shown = new Line("a line", new double[] {0, 100}, new double[] {1, 2});
        String svg = new Plot(time, Plot.fromZero(null))
                .lines(List.of(shown))
                .alarms(alarms)
                .svg("a picture", 400, 200);
        return svg.split("<line", -1).length;
    }

    @Test
    void shouldMarkEachPlaceWhereSomethingWentWrongOnce() throws IOException {
        assertEquals(3, marks(70, 10, 10.01, 40), "two of them cannot be told apart");
    }

    @Test
    void shouldStaySmallWhenSomethingWentWrongAllTheTime() throws IOException {
        int marks = marks(IntStream.range(0, 50_000).mapToDouble(i -> i / 500.0).toArray());
        assertTrue(marks > 200 && marks <= 301, marks + " marks");
    }
}
