package kemu.report.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventTableTest {
    private static String written(List<Mishap> events) throws IOException {
        StringWriter html = new StringWriter();
        EventTable.write(html, events);
        return html.toString();
    }

    @Test
    void shouldTellFewOneByOne() throws IOException {
        String html = written(List.of(
                new Mishap(3, "host pause", 72, "host pause 72 ms"),
                new Mishap(9000, "stalls of RCU", 0, "2 stalls of RCU")));
        assertTrue(html.contains(">3.0 s<") && html.contains(">host pause 72 ms<"), html);
        assertTrue(html.contains(">2.50 h<") && html.contains(">2 stalls of RCU<"), html);
        assertFalse(html.contains("<details>"), html);
        assertEquals("", written(List.of()));
    }

    @Test
    void shouldFoldManyUnderOneRowAKind() throws IOException {
        List<Mishap> events = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            events.add(new Mishap(i, "host pause", i, "host pause " + i + " ms"));
        }
        events.add(new Mishap(2000, "stalls of RCU", 0, "1 stalls of RCU"));
        String html = written(events);
        String open = html.substring(0, html.indexOf("<details>"));
        assertTrue(open.contains(">host pause</td><td class=\"n\">2,000</td><td class=\"n\">0.0 s</td>"), open);
        assertTrue(open.contains(">33.3 min</td><td class=\"n\">2.0 s</td><td class=\"n\">33.3 min<"), open);
        assertTrue(open.contains(">stalls of RCU</td><td class=\"n\">1</td>"), open);
        assertEquals(4, open.split("<tr>", -1).length, "a head and two kinds");
        assertTrue(html.contains("2001 events in order of time") && html.contains("and 1001 more"), html);
    }
}
