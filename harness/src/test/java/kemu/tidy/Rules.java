package kemu.tidy;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The architecture as rules over compiled classes. Every exception is listed here with its reason. */
final class Rules {
    private static final String[] KERNEL = {"kemu.rcu..", "kemu.mm.."};
    private static final String[] EMULATED = {"kemu.hw..", "kemu.kernel..", "kemu.rcu..", "kemu.mm.."};

    /** Classes of hw that may use host threads, host clocks and java.util.concurrent, and why. */
    static final Map<String, String> HOST_SIDE = new TreeMap<>(Map.of(
            "kemu.hw.machine.NativeMachine", "its CPUs are host threads, its tick a host clock",
            "kemu.hw.mem.HostMemory", "asks how much memory the host has",
            "kemu.hw.cpu.NativeCpu", "waits by parking its host thread, reads the host clock"));

    /** Packages and classes that may reach host memory directly, and why. */
    static final Map<String, String> HOST_MEMORY = new TreeMap<>(Map.of(
            "kemu.hw.mem", "physical memory is made of host memory",
            "kemu.hw.cpu.NativeCpu", "turns kernel accesses into host atomics",
            "kemu.hw.cache.CpuBuffers", "the way of a modelled CPU to memory",
            "kemu.bench", "host operations as peers to compare with"));

    /** Classes that may use the JDK's continuations, and why. */
    static final Map<String, String> CONTINUATION =
            new TreeMap<>(Map.of("kemu.hw.cpu.Fiber", "the one class around it"));

    private static final String WATCHES = "what an oracle knows of the execution it watches";

    /** Fields of rcu/ and mm/ that change, or refer to what changes, though they are no kernel state, and why. */
    static final Map<String, String> MUTABLE = new TreeMap<>(Map.ofEntries(
            Map.entry(
                    "kemu.mm.page.AllocSlowPath.reclaimer",
                    "constant once boot has wired the reclaimer to the allocator"),
            Map.entry("kemu.mm.page.PageAllocator.lru", "constant once boot has wired the LRU lists to the allocator"),
            Map.entry("kemu.mm.page.PageAllocator.mlockedFree", "constant once boot has wired mlock to the allocator"),
            Map.entry("kemu.mm.page.LruEvictable.mappings", "constant once boot has wired files to the LRU lists"),
            Map.entry("kemu.mm.vma.Mmap.population", "constant once boot has wired faults to the mappings"),
            Map.entry("kemu.mm.vma.Mremap.population", "constant once boot has wired faults to the mappings"),
            Map.entry("kemu.mm.vma.MergeLink.merging", "constant once boot has wired KSM to the address spaces"),
            Map.entry(
                    "kemu.mm.huge.ScanLink.scanning", "constant once boot has wired khugepaged to the address spaces"),
            Map.entry("kemu.mm.vma.MergeLink.any", "constant once boot has wired KSM to the address spaces"),
            Map.entry("kemu.mm.rmap.AnonVmaRefs.locking", "constant once boot has wired the strategy to the anon_vmas"),
            Map.entry("kemu.mm.reclaim.OomKiller.sink", "where the kernel log goes, an instrument"),
            Map.entry("kemu.mm.rmap.AnonVmaAudit", "what an audit of a machine at rest has found so far"),
            Map.entry("kemu.mm.rmap.AnonVmaWatch", WATCHES),
            Map.entry("kemu.mm.slab.ObjectHistory", WATCHES),
            Map.entry("kemu.mm.fault.UserStamps", WATCHES),
            Map.entry("kemu.rcu.tree.RcuTree.blockedReaders", "constant once the flavour has booted"),
            Map.entry("kemu.mm.slab.SlabShadow", WATCHES),
            Map.entry(
                    "kemu.mm.slab.SlabAllocator.caches",
                    "constants of caches, only added to, before the machine runs; which exist says memory"),
            Map.entry("kemu.mm.slab.KmemCache.failslab", "constant once a scene has said which allocations may fail"),
            Map.entry("kemu.mm.pgtable.PageTable.failures", "constant once a scene has said which tables may fail"),
            Map.entry("kemu.rcu.Rcu.callbacks", "functions by number, registered at boot"),
            Map.entry("kemu.rcu.Rcu.callbackNames", "their names")));

    private static final Set<String> HOST_CLOCK_OR_CHANCE = Set.of(
            "java.lang.System.nanoTime",
            "java.lang.System.currentTimeMillis",
            "java.lang.System.identityHashCode",
            "java.lang.Math.random",
            "java.lang.Object.hashCode");

    private static final Set<String> HOST_TYPES = Set.of(
            "java.lang.Thread",
            "java.lang.ThreadLocal",
            "java.util.Random",
            "java.util.Timer",
            "java.security.SecureRandom",
            "java.lang.management.ManagementFactory");

    static final ArchRule HW_KNOWS_ONLY_HW = noClasses()
            .that()
            .resideInAnyPackage("kemu.hw..", "kemu.kernel..")
            .should()
            .dependOnClassesThat(kemuOutside("kemu.hw", "kemu.kernel"))
            .because("dependencies point downwards: harness, mm, rcu, hw");

    static final ArchRule RCU_KNOWS_ONLY_HW = noClasses()
            .that()
            .resideInAPackage("kemu.rcu..")
            .should()
            .dependOnClassesThat(kemuOutside("kemu.hw", "kemu.kernel", "kemu.rcu"))
            .because("dependencies point downwards: harness, mm, rcu, hw");

    static final ArchRule MM_KNOWS_ONLY_RCU_AND_HW = noClasses()
            .that()
            .resideInAPackage("kemu.mm..")
            .should()
            .dependOnClassesThat(kemuOutside("kemu.hw", "kemu.kernel", "kemu.rcu", "kemu.mm"))
            .because("dependencies point downwards: harness, mm, rcu, hw");

    static final ArchRule HW_KNOWS_NO_KERNEL = noClasses()
            .that()
            .resideInAPackage("kemu.hw..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("kemu.kernel..")
            .because("the machine knows no software: what it asks of it is an interface of its own");

    static final ArchRule HW_IS_BUILT_OF_FLOORS = slices().matching("(kemu.hw..)")
            .should()
            .beFreeOfCycles()
            .because("a package of the machine knows only those below it");

    static final ArchRule KERNEL_CORE_IS_BUILT_OF_FLOORS = slices().matching("(kemu.kernel..)")
            .should()
            .beFreeOfCycles()
            .because("a package of the kernel core knows only those below it");

    static final ArchRule RCU_IS_BUILT_OF_FLOORS = slices().matching("(kemu.rcu..)")
            .should()
            .beFreeOfCycles()
            .because("flavours stand on what all of RCU is made of, and their names stand above them");

    static final ArchRule NO_CYCLE_BETWEEN_PACKAGES = slices().matching("(kemu..)")
            .should()
            .beFreeOfCycles()
            .because("a package knows only those below it; where two need each other the lower one owns an interface");

    static final ArchRule NOBODY_BELOW_NAMES_KERNEL = noClasses()
            .that()
            .resideInAPackage("kemu.mm.*..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("kemu.mm.Kernel")
            .because("Kernel wires services; a service gets what it uses in its constructor");

    static final ArchRule NO_HOST_THREADS_OR_LOCKS = noClasses()
            .that()
            .resideInAnyPackage(EMULATED)
            .and(notListed(HOST_SIDE))
            .should()
            .dependOnClassesThat(hostType())
            .because("emulated code runs the same on every host; see Rules.HOST_SIDE");

    static final ArchRule NO_HOST_CLOCK_OR_CHANCE = noClasses()
            .that()
            .resideInAnyPackage(EMULATED)
            .and(notListed(HOST_SIDE))
            .should()
            .callMethodWhere(hostClockOrChance())
            .because("a run repeats from its seed alone");

    static final ArchRule HOST_MEMORY_ONLY_BELOW_CPU = noClasses()
            .that(notListed(HOST_MEMORY))
            .should()
            .dependOnClassesThat(hostMemory())
            .because("memory is reached only through Cpu; see Rules.HOST_MEMORY");

    static final ArchRule CONTINUATION_ONLY_IN_FIBER = noClasses()
            .that(notListed(CONTINUATION))
            .should()
            .dependOnClassesThat(continuation())
            .because("a JDK-internal class stays behind one small class of ours");

    static final ArchRule KERNEL_STATE_NOT_IN_FIELDS = fields().that()
            .areDeclaredInClassesThat()
            .resideInAnyPackage(KERNEL)
            .and(new DescribedPredicate<JavaMember>("are not listed in Rules.MUTABLE") {
                @Override
                public boolean test(JavaMember field) {
                    return !MUTABLE.containsKey(field.getFullName())
                            && !MUTABLE.containsKey(topLevel(field.getOwner()).getName());
                }
            })
            .should()
            .beFinal()
            .because("kernel state lives in emulated memory, Java objects hold constants");

    static final ArchRule KERNEL_STATE_NOT_BEHIND_FINAL_FIELDS = classes()
            .that()
            .resideInAnyPackage(KERNEL)
            .should(new ArchCondition<>("change no array or collection of a final field after construction") {
                private Map<String, Set<String>> changing;

                @Override
                public void init(Collection<JavaClass> all) {
                    changing = HiddenState.of(all);
                }

                @Override
                public void check(JavaClass c, ConditionEvents events) {
                    changing.forEach((field, where) -> {
                        boolean own = field.substring(0, field.lastIndexOf('.')).equals(c.getName());
                        if (own
                                && !MUTABLE.containsKey(field)
                                && !MUTABLE.containsKey(topLevel(c).getName())) {
                            events.add(SimpleConditionEvent.violated(c, field + " changes in " + where));
                        }
                    });
                }
            })
            .because("kernel state lives in emulated memory; see Rules.MUTABLE");

    static final ArchRule CPU_COMES_FIRST = methods()
            .that()
            .areDeclaredInClassesThat()
            .resideInAnyPackage(KERNEL)
            .should(new ArchCondition<>("take cpu as the first parameter") {
                @Override
                public void check(JavaMethod method, ConditionEvents events) {
                    var types = method.getRawParameterTypes();
                    for (int i = 1; i < types.size(); i++) {
                        if (types.get(i).getName().equals("kemu.hw.cpu.Cpu")
                                && !method.getName().contains("$")) {
                            events.add(SimpleConditionEvent.violated(
                                    method, method.getFullName() + " takes cpu as parameter " + (i + 1)));
                        }
                    }
                }
            })
            .because("every kernel function starts with the CPU it runs on");

    private Rules() {}

    static JavaClass topLevel(JavaClass c) {
        JavaClass top = c;
        while (top.getEnclosingClass().isPresent()) {
            top = top.getEnclosingClass().get();
        }
        return top;
    }

    /** A class is listed by its own name, that of the class around it, or that of its package. */
    static boolean listed(JavaClass c, String entry) {
        return entry.equals(topLevel(c).getName()) || entry.equals(c.getPackageName());
    }

    private static DescribedPredicate<JavaClass> notListed(Map<String, String> allowed) {
        return new DescribedPredicate<>("are not listed as an exception") {
            @Override
            public boolean test(JavaClass c) {
                return allowed.keySet().stream().noneMatch(entry -> listed(c, entry));
            }
        };
    }

    private static DescribedPredicate<JavaClass> kemuOutside(String... packages) {
        return new DescribedPredicate<>("belong to a higher module than " + packages[packages.length - 1]) {
            @Override
            public boolean test(JavaClass c) {
                String name = c.getBaseComponentType().getPackageName();
                if (!name.equals("kemu") && !name.startsWith("kemu.")) {
                    return false;
                }
                for (String p : packages) {
                    if (name.equals(p) || name.startsWith(p + ".")) {
                        return false;
                    }
                }
                return true;
            }
        };
    }

    static DescribedPredicate<JavaClass> hostType() {
        return new DescribedPredicate<>("are host threads, locks, clocks or random sources") {
            @Override
            public boolean test(JavaClass c) {
                String name = c.getBaseComponentType().getName();
                return name.startsWith("java.util.concurrent.")
                        || name.startsWith("java.time.")
                        || (name.startsWith("org.agrona.concurrent.") && !name.endsWith(".UnsafeBuffer"))
                        || HOST_TYPES.contains(name);
            }
        };
    }

    static DescribedPredicate<JavaMethodCall> hostClockOrChance() {
        return new DescribedPredicate<>("a host clock, chance or identity hash is asked") {
            @Override
            public boolean test(JavaMethodCall call) {
                AccessTarget t = call.getTarget();
                return HOST_CLOCK_OR_CHANCE.contains(t.getOwner().getName() + "." + t.getName());
            }
        };
    }

    static DescribedPredicate<JavaClass> continuation() {
        return resideInAPackage("jdk.internal.vm..");
    }

    static DescribedPredicate<JavaClass> hostMemory() {
        return new DescribedPredicate<>("reach host memory") {
            @Override
            public boolean test(JavaClass c) {
                String name = c.getBaseComponentType().getName();
                return name.startsWith("io.netty.")
                        || name.startsWith("sun.misc.")
                        || name.startsWith("jdk.internal.misc.")
                        || name.startsWith("java.lang.foreign.")
                        || name.equals("java.lang.invoke.VarHandle")
                        || name.startsWith("org.agrona.Unsafe")
                        || name.equals("org.agrona.concurrent.UnsafeBuffer");
            }
        };
    }
}
