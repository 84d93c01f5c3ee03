package plugin.example;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Scene;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/** A scenario that misbehaves in every way a variant is named after. */
public final class Rogue implements OwnVariants {
    /** Ends the loops of earlier checks, which run on. */
    public static volatile boolean over;

    private static Object kept;

    @Override
    public String name() {
        return "rogue";
    }

    @Override
    public String description() {
        return "misbehaves";
    }

    @Override
    public List<String> variants() {
        return List.of("behaves", "throws", "loops", "allocates", "throws-early");
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        if (variant.equals("throws-early")) {
            throw new IllegalStateException("no scene today");
        }
        Scene scene = new Scene(kernel);
        long mm = scene.newMm(scene.cpu(0));
        scene.task(0, "rogue", cpu -> misbehave(variant));
        scene.task(1, "other", cpu -> scene.write(cpu, mm));
        return cpu -> scene.exit(cpu, mm);
    }

    private static void misbehave(String variant) {
        switch (variant) {
            case "throws" -> throw new UnsupportedOperationException("not my day");
            case "loops" -> {
                while (!over) {
                    Thread.onSpinWait();
                }
            }
            case "allocates" -> kept = new long[Integer.MAX_VALUE - 8];
            default -> kept = null;
        }
    }

    /** So that nothing is optimised away. */
    public static boolean holds() {
        return kept != null;
    }
}
