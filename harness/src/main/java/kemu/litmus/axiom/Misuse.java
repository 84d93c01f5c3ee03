package kemu.litmus.axiom;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kemu.litmus.Model;
import kemu.litmus.ast.Item;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.path.MemoryEvent;
import kemu.litmus.path.Path;
import kemu.litmus.path.Paths;
import kemu.litmus.path.SharedMemory;

/** What is wrong with a test besides races, under the names that the kernel's model gives it. */
final class Misuse {
    /** Of a location that locks or srcu operations access, and other accesses, too. */
    private static final int LOCKS =
            MemoryEvent.LOCK_READ | MemoryEvent.LOCK_WRITE | MemoryEvent.LOCK_LOOK | MemoryEvent.UNLOCK;

    private final boolean newest;
    private final Set<Integer> asked = new HashSet<>();

    Misuse(Model model, SharedMemory scene, LitmusTest test) {
        newest = model.equals(Model.LKMM);
        for (Item item : Search.shown(test)) {
            if (item instanceof Item.Loc loc) {
                asked.add(scene.index(loc));
            }
        }
    }

    /** Throws {@link LitmusException} if a way through a process uses what its model does not have yet. */
    void refuse(Paths paths) {
        for (Path path : newest ? List.<Path>of() : paths.all()) {
            for (MemoryEvent event : path.events()) {
                if (event.has(MemoryEvent.PASSED_ON)) {
                    throw new LitmusException(event.line(), "unsupported by lkmm-6.1: srcu_down_read and srcu_up_read");
                }
                if (event.kind() == MemoryEvent.Kind.AFTER_SRCU_UNLOCK) {
                    throw new LitmusException(event.line(), "unsupported by lkmm-6.1: smp_mb__after_srcu_read_unlock");
                }
            }
        }
    }

    /** Adds to {@code flags} what is wrong in {@code c}. */
    void judge(Candidate c, Set<String> flags) {
        Frame f = c.frame;
        String rcu = newest ? "unmatched-rcu-" : "unbalanced-rcu-locking";
        flag(flags, newest ? rcu + "lock" : rcu, f.unmatchedRcuLock);
        flag(flags, newest ? rcu + "unlock" : rcu, f.unmatchedRcuUnlock);
        String srcu = newest ? "unmatched-srcu-" : "unbalanced-srcu-locking";
        flag(flags, newest ? srcu + "lock" : srcu, c.srcu.unmatchedLock);
        flag(flags, newest ? srcu + "unlock" : srcu, c.srcu.unmatchedUnlock);
        flag(flags, "multiple-srcu-matches", c.srcu.matchedTwice);
        flag(flags, newest ? "srcu-bad-value-match" : "srcu-bad-nesting", c.srcu.otherValue);
        flag(flags, "invalid-sleep", f.sleepsInReader());
        flag(flags, "out-of-thin-air", c.thinAir);
        locks(c, flags);
    }

    private void locks(Candidate c, Set<String> flags) {
        Frame f = c.frame;
        Set<Integer> locks = new HashSet<>();
        for (int i = 0; i < f.size; i++) {
            if (isLock(f.events[i])) {
                locks.add(c.location[i]);
                flag(flags, "lock-final", asked.contains(c.location[i]));
            }
        }
        if (locks.isEmpty()) {
            return;
        }
        for (int i = 0; i < f.size; i++) {
            MemoryEvent event = f.events[i];
            flag(flags, "mixed-lock-accesses", event.isAccess() && !isLock(event) && locks.contains(c.location[i]));
            flag(flags, "unmatched-unlock", event.has(MemoryEvent.UNLOCK) && !follows(c, i));
            flag(flags, "spinlock-held-at-end", event.has(MemoryEvent.LOCK_WRITE) && !released(c, i));
        }
    }

    private boolean isLock(MemoryEvent event) {
        boolean srcu = event.kind() == MemoryEvent.Kind.SRCU_LOCK
                || event.kind() == MemoryEvent.Kind.SRCU_UNLOCK
                || event.kind() == MemoryEvent.Kind.SYNC_SRCU;
        return (event.flags() & LOCKS) != 0 || newest && srcu;
    }

    /** Whether the process holds the lock that the event {@code unlock} releases. */
    private static boolean follows(Candidate c, int unlock) {
        Frame f = c.frame;
        for (int i = unlock - 1; i >= 0 && f.process[i] == f.process[unlock]; i--) {
            if (c.location[i] == c.location[unlock] && f.events[i].has(MemoryEvent.UNLOCK)) {
                return false;
            }
            if (c.location[i] == c.location[unlock] && f.events[i].has(MemoryEvent.LOCK_WRITE)) {
                return true;
            }
        }
        return false;
    }

    private static boolean released(Candidate c, int lock) {
        Frame f = c.frame;
        for (int i = lock + 1; i < f.size && f.process[i] == f.process[lock]; i++) {
            if (c.location[i] == c.location[lock] && f.events[i].has(MemoryEvent.UNLOCK)) {
                return true;
            }
        }
        return false;
    }

    private static void flag(Set<String> flags, String name, boolean raised) {
        if (raised) {
            flags.add(name);
        }
    }
}
