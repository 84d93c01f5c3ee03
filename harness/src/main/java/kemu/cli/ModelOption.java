package kemu.cli;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import kemu.hw.cache.MemoryModel;
import kemu.litmus.Model;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** {@code --model}: of a check one machine; of litmus tests several, and models that are no machine as well. */
final class ModelOption {
    private static final String ALL = "all";
    private static final MemoryModel USUAL = MemoryModel.SC;

    @Option(
            names = "--model",
            split = ",",
            paramLabel = "M",
            completionCandidates = Names.class,
            description = "memory model: ${COMPLETION-CANDIDATES}; alpha is of check only, those of lkmm are of litmus"
                    + " only (default: sc; of litmus lkmm, or weak with --engine kernel). Litmus takes several,"
                    + " separated by commas, or all")
    private List<String> names;

    /** What models are called, anywhere. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            Set<String> all = new LinkedHashSet<>(MemoryModel.names());
            Model.all().stream().map(Model::label).forEach(all::add);
            return all.iterator();
        }
    }

    /** The one machine. */
    MemoryModel machine() {
        if (names == null) {
            return USUAL;
        }
        String name = String.join(",", names);
        UsageException.requireOneOf("--model", name, MemoryModel.names());
        return MemoryModel.byName(name);
    }

    /** The models of litmus tests; of tests that are {@code executed} the machines among them. */
    List<Model> ofLitmus(boolean executed) {
        if (names == null) {
            return List.of(executed ? Model.WEAK : Model.LKMM);
        }
        List<Model> able = Model.all().stream()
                .filter(model -> !executed || model.machine() != null)
                .toList();
        List<Model> chosen = new ArrayList<>();
        for (String name : names) {
            if (name.equalsIgnoreCase(ALL)) {
                return able;
            }
            Model model = Model.of(name);
            if (!able.contains(model)) {
                throw new UsageException("--model: '" + name + "' (allowed"
                        + (executed && model != null ? " with --engine kernel" : "") + ": "
                        + String.join(", ", able.stream().map(Model::label).toList()) + ", " + ALL + ")");
            }
            chosen.add(model);
        }
        return chosen.stream().distinct().sorted().toList();
    }
}
