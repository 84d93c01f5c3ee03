package kemu.hw.litmus;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import kemu.hw.cache.MemoryModel;

/** The built-in shapes, with the models that show the outcome and whether the Linux kernel memory model allows it. */
public final class LitmusTable {
    private static final String RESOURCE = "shapes.txt";
    private static final int COLUMNS = 5;

    /**
     * One row.
     *
     * @param litmus the shape
     * @param shownBy models under which some execution ends in the outcome
     * @param allowed whether the Linux kernel memory model allows the outcome
     */
    public record Row(Litmus litmus, Set<MemoryModel> shownBy, boolean allowed) {}

    private LitmusTable() {}

    /** All rows, in the order of the table. */
    public static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(LitmusTable.class.getResourceAsStream(RESOURCE), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (!line.isBlank() && line.charAt(0) != '#') {
                    rows.add(row(line));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    private static Row row(String line) {
        String[] columns = line.split(";");
        if (columns.length != COLUMNS) {
            throw new IllegalArgumentException(RESOURCE + ": " + line);
        }
        Set<MemoryModel> shownBy = EnumSet.noneOf(MemoryModel.class);
        for (String name : columns[3].trim().split("\\s+")) {
            if (!name.equals("none")) {
                shownBy.add(MemoryModel.byName(name));
            }
        }
        Litmus litmus = Litmus.of(columns[0].trim(), columns[1], columns[2]);
        return new Row(litmus, shownBy, columns[4].trim().equals("allowed"));
    }
}
