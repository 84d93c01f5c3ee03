package kemu.compare;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.locks.LockFigures;
import kemu.results.RunResults;

/** The locks of runs that measured them ({@code --lock-stat}), class by class, beside those of the first run. */
final class ComparedLocks {
    private ComparedLocks() {}

    /** A row for each class, those first that were waited for longest in all; empty if not all runs measured them. */
    static List<Comparison.Row> rows(List<RunResults> runs) {
        List<Map<String, LockFigures>> byName = new ArrayList<>();
        Map<String, LockFigures> sums = new LinkedHashMap<>();
        for (RunResults run : runs) {
            Map<String, LockFigures> own = new HashMap<>();
            for (LockFigures lock : LockFigures.all(run.json().get("locks"))) {
                own.put(lock.name(), lock);
                sums.merge(lock.name(), lock, LockFigures::plus);
            }
            if (own.isEmpty()) {
                return List.of();
            }
            byName.add(own);
        }
        return LockFigures.sorted(sums.values()).stream()
                .map(sum -> row(sum.name(), byName, runs))
                .toList();
    }

    private static Comparison.Row row(String name, List<Map<String, LockFigures>> byName, List<RunResults> runs) {
        List<List<ComparedValue>> cells = new ArrayList<>();
        for (LockMeasure measure : LockMeasure.values()) {
            List<ComparedValue> values = new ArrayList<>();
            for (int i = 0; i < runs.size(); i++) {
                double value = measure.of(byName.get(i).get(name), runs.get(i).seconds());
                double base = i == 0 ? value : values.getFirst().value();
                double percent = i == 0 || base == 0 ? Double.NaN : 100 * (value - base) / base;
                values.add(new ComparedValue(value, percent, 0, Double.NaN));
            }
            cells.add(values);
        }
        return new Comparison.Row(name, cells);
    }
}
