package kemu.check.migrate;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.lock.AnonVmaLockings;

/**
 * The page of a forked child is moved while the child exits and another process makes its first write fault, which
 * reuses the child's anon_vma. Migration has to hold on to that anon_vma, since it makes the page count as unmapped;
 * how it gets hold of it is what varies, and by which lookup. "Hugh's fix did not end the class."
 *
 * <p>A count on a free anon_vma is a second life that nobody gave it: the slab frees it twice, or hands it out with a
 * count, or its next owner loses it. In Linux 2.6.36 the count was of external references only, and what showed was the
 * wrong unlock in drop_anon_vma(); here, with counts of 2.6.39, the walk that takes the entries away may unlock the
 * wrong root as well.
 */
final class MigrateGet implements MigrateScenario {
    private static final String LOCKED = "lock-then-get";
    private static final String MAPPED = "get-mapped";
    private static final String UNLESS_ZERO = "get-unless-zero";
    private static final String RCU = "rcu-only";
    /** What is counted down is free: freed once more, or handed out with a count. */
    private static final Expectation COUNTS_FREE = Expectation.fails(FailureKind.DOUBLE_FREE, FailureKind.RMAP_I8);

    private static final List<String> PINS = List.of(LOCKED, MAPPED, UNLESS_ZERO, RCU);

    @Override
    public String name() {
        return "rmap-migrate-get";
    }

    @Override
    public String description() {
        return "a page of a child is moved against exit and reuse of its anon_vma (2.6.35, fixed by 1ce82b69e96c)";
    }

    @Override
    public String source() {
        return "Linux 1ce82b69e96c (2.6.38-rc1, 2.6.37.1) mm/migrate.c, unmap_and_move()";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "migration counts itself on an anon_vma that exit has freed: the page was mapped a moment ago",
                "2.6.35 to 2.6.37",
                "3f6c82728f4",
                "1ce82b69e96c (2.6.38-rc1)",
                MAPPED + "-root-recheck"));
    }

    @Override
    public List<String> variants() {
        List<String> variants = new ArrayList<>();
        for (AnonVmaLockingProvider lookup : AnonVmaLockings.all()) {
            variants.add(UNLESS_ZERO + "-" + lookup.name());
        }
        for (AnonVmaLockingProvider lookup : AnonVmaLockings.BUILT_IN) {
            variants.add(LOCKED + "-" + lookup.name());
        }
        for (String lookup : List.of("root-recheck", "local-lock", "object-rcu")) {
            variants.add(MAPPED + "-" + lookup);
        }
        for (String lookup : List.of("root-recheck", "local-lock", "object-rcu")) {
            variants.add(RCU + "-" + lookup);
        }
        return variants;
    }

    private static String pin(String variant) {
        return PINS.stream().filter(variant::startsWith).findFirst().orElseThrow();
    }

    @Override
    public String lookup(String variant) {
        return variant.substring(pin(variant).length() + 1);
    }

    @Override
    public boolean knownBad(String variant) {
        return pin(variant).equals(MAPPED) || pin(variant).equals(RCU);
    }

    @Override
    public KernelConfig configure(String variant) {
        return new KernelConfig(lookup(variant), 0).withMigration(pin(variant));
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (pin(subject.variant())) {
            case LOCKED -> lockedThenCounted(subject);
            case MAPPED -> COUNTS_FREE;
            case RCU ->
                lookup(subject.variant()).equals("root-recheck") ? Expectation.wrongUnlock(subject) : Expectation.HOLDS;
            default -> Expectation.HOLDS;
        };
    }

    /** A lookup whose result may be stale is good enough for a walk, and not for a count. */
    private Expectation lockedThenCounted(Subject subject) {
        return switch (lookup(subject.variant())) {
            case "root-reread" -> Expectation.wrongUnlock(subject);
            case "object-rcu", "local-lock", "no-mapped-test" -> COUNTS_FREE;
            // The free anon_vma may get another root between the lock of the walk and its unlock.
            case "own-lock-first", "own-lock-first-naive" ->
                Expectation.fails(
                        FailureKind.HANG, FailureKind.DATA_RACE, FailureKind.DOUBLE_FREE, FailureKind.RMAP_I8);
            default -> Expectation.HOLDS;
        };
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long parent = scene.newWriter(boot);
        long child = scene.forkWriter(boot, parent);
        long other = scene.newReader(boot);
        Moving moving = new Moving(kernel, scene, 0, child);
        moving.task(scene, 0);
        scene.task(1, "exit+fault", cpu -> {
            scene.exit(cpu, child);
            scene.write(cpu, other);
            scene.exit(cpu, other);
        });
        return cpu -> scene.exit(cpu, parent);
    }
}
