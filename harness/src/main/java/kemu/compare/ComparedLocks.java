package kemu.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kemu.locks.LockFigures;
import kemu.results.RunResults;

/** The locks of runs that measured them ({@code --lock-stat}), class by class, beside those of the first run. */
final class ComparedLocks {
    private ComparedLocks() {}

    /** A row for each class, those first that were waited for longest in all; empty if not all runs measured them. */
    static List<Comparison.Row> rows(List<RunResults> runs) {
        List<List<LockFigures>> locks = runs.stream()
                .map(run -> LockFigures.all(run.json().get("locks")))
                .toList();
        if (locks.stream().anyMatch(List::isEmpty)) {
            return List.of();
        }
        List<Map<String, LockFigures>> byKey = locks.stream()
                .map(own -> own.stream().collect(Collectors.toMap(LockFigures::key, lock -> lock)))
                .toList();
        return LockFigures.sum(locks).stream().map(sum -> row(sum, byKey, runs)).toList();
    }

    private static Comparison.Row row(LockFigures lock, List<Map<String, LockFigures>> byKey, List<RunResults> runs) {
        List<List<ComparedValue>> cells = new ArrayList<>();
        for (LockMeasure measure : LockMeasure.values()) {
            List<ComparedValue> values = new ArrayList<>();
            for (int i = 0; i < runs.size(); i++) {
                double value =
                        measure.of(byKey.get(i).get(lock.key()), runs.get(i).seconds());
                double base = i == 0 ? value : values.getFirst().value();
                double percent = i == 0 || base == 0 ? Double.NaN : 100 * (value - base) / base;
                values.add(new ComparedValue(value, percent, 0, Double.NaN));
            }
            cells.add(values);
        }
        return new Comparison.Row(lock.name(), cells);
    }
}
