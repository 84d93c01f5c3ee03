package kemu.check.scenario;

import java.util.List;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Schedule;

/**
 * What is checked: one cell of the matrix, and how its machine is built.
 *
 * @param scenario name of the scenario
 * @param variant which of the scenario's variants: an anon_vma strategy, or one of its own
 * @param spinLock spinlock algorithm
 * @param model memory model
 * @param weakened names of barriers that do nothing here
 * @param slabReuse when freed objects are handed out again; empty for what the variant says
 * @param everyStore where the model reorders stores, each of them may be seen, and each old value: see
 *     {@link kemu.hw.machine.EmuMachine#seeEveryStore}
 */
public record Subject(
        String scenario,
        String variant,
        String spinLock,
        MemoryModel model,
        List<String> weakened,
        String slabReuse,
        boolean everyStore) {
    /** The spinlock unless another is asked for. */
    public static final String SPIN_LOCK = "ticket";

    /** With slabs as the variant says. */
    public Subject(String scenario, String variant, String spinLock, MemoryModel model, List<String> weakened) {
        this(scenario, variant, spinLock, model, weakened, "");
    }

    /** On a machine whose buffers merge stores, and keep one old value of a word. */
    public Subject(
            String scenario,
            String variant,
            String spinLock,
            MemoryModel model,
            List<String> weakened,
            String slabReuse) {
        this(scenario, variant, spinLock, model, weakened, slabReuse, false);
    }

    /** With the default spinlock and every barrier in place. */
    public static Subject of(String scenario, String variant, MemoryModel model) {
        return new Subject(scenario, variant, SPIN_LOCK, model, List.of());
    }

    /** The same with the barriers called {@code names} doing nothing. */
    public Subject withWeakened(List<String> names) {
        return new Subject(scenario, variant, spinLock, model, List.copyOf(names), slabReuse, everyStore);
    }

    /** The same with slabs that hand out freed objects as {@code name} says. */
    public Subject withSlabReuse(String name) {
        return new Subject(scenario, variant, spinLock, model, weakened, name, everyStore);
    }

    /** The same on a machine on which every store, and every old value, may be seen. */
    public Subject withEveryStore() {
        return new Subject(scenario, variant, spinLock, model, weakened, slabReuse, true);
    }

    /** True if its slabs are told to keep freed objects back for a while. */
    public boolean keepsFreedBack() {
        return !slabReuse.isEmpty() && !slabReuse.equals("fast");
    }

    /** The model's name on the command line. */
    public String modelName() {
        return model.label();
    }

    /** As stored in a schedule. */
    public String options() {
        String weaken = weakened.isEmpty() ? "" : " weaken=" + String.join(",", weakened);
        String reuse = slabReuse.isEmpty() ? "" : " slab-reuse=" + slabReuse;
        String every = everyStore ? " every-store=yes" : "";
        return "variant=" + variant + " spinlock=" + spinLock + " model=" + modelName() + weaken + reuse + every;
    }

    /** The subject of a stored schedule. @throws IllegalArgumentException if it names something unknown */
    public static Subject of(Schedule schedule) {
        return of(schedule.scenario(), schedule.options());
    }

    /** The subject that {@link #options} has written. @throws IllegalArgumentException if it names something unknown */
    public static Subject of(String scenario, String options) {
        String variant = null;
        String spinLock = null;
        MemoryModel model = null;
        List<String> weakened = List.of();
        String slabReuse = "";
        boolean everyStore = false;
        for (String option : options.split(" ")) {
            String value = option.substring(option.indexOf('=') + 1);
            switch (option.substring(0, Math.max(0, option.indexOf('=')))) {
                case "variant" -> variant = value;
                case "spinlock" -> spinLock = value;
                case "model" -> model = MemoryModel.byName(value);
                case "weaken" -> weakened = List.of(value.split(","));
                case "slab-reuse" -> slabReuse = value;
                case "every-store" -> everyStore = value.equals("yes");
                default -> throw new IllegalArgumentException("unknown option " + option);
            }
        }
        if (variant == null || spinLock == null || model == null) {
            throw new IllegalArgumentException("options are incomplete: " + options);
        }
        return new Subject(scenario, variant, spinLock, model, weakened, slabReuse, everyStore);
    }
}
