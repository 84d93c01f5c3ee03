package kemu.check;

import java.util.List;
import java.util.Locale;
import kemu.hw.cache.MemoryModel;
import kemu.hw.sched.Schedule;

/**
 * What is checked: one cell of the matrix, and how its machine is built.
 *
 * @param scenario name of the scenario
 * @param variant which of the scenario's variants: an anon_vma strategy, or one of its own
 * @param spinLock spinlock algorithm
 * @param model memory model
 * @param weakened names of barriers that do nothing here
 */
public record Subject(String scenario, String variant, String spinLock, MemoryModel model, List<String> weakened) {
    /** The spinlock unless another is asked for. */
    public static final String SPIN_LOCK = "ticket";

    /** With the default spinlock and every barrier in place. */
    public static Subject of(String scenario, String variant, MemoryModel model) {
        return new Subject(scenario, variant, SPIN_LOCK, model, List.of());
    }

    /** The same with the barriers called {@code names} doing nothing. */
    public Subject withWeakened(List<String> names) {
        return new Subject(scenario, variant, spinLock, model, List.copyOf(names));
    }

    /** The model's name on the command line. */
    public String modelName() {
        return model.name().toLowerCase(Locale.ROOT);
    }

    /** As stored in a schedule. */
    public String options() {
        String weaken = weakened.isEmpty() ? "" : " weaken=" + String.join(",", weakened);
        return "variant=" + variant + " spinlock=" + spinLock + " model=" + modelName() + weaken;
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
        for (String option : options.split(" ")) {
            String value = option.substring(option.indexOf('=') + 1);
            switch (option.substring(0, Math.max(0, option.indexOf('=')))) {
                case "variant" -> variant = value;
                case "spinlock" -> spinLock = value;
                case "model" -> model = MemoryModel.valueOf(value.toUpperCase(Locale.ROOT));
                case "weaken" -> weakened = List.of(value.split(","));
                default -> throw new IllegalArgumentException("unknown option " + option);
            }
        }
        if (variant == null || spinLock == null || model == null) {
            throw new IllegalArgumentException("options are incomplete: " + options);
        }
        return new Subject(scenario, variant, spinLock, model, weakened);
    }
}
