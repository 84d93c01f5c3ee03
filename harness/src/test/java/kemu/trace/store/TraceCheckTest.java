package kemu.trace.store;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import kemu.trace.model.MappedFiles;
import kemu.trace.model.Op;
import kemu.trace.model.Proc;
import kemu.trace.model.ProcessImage;
import kemu.trace.model.ProgramBuilder;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceForm;
import kemu.trace.model.TraceNotes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A trace that a replay can follow is taken, and each way in which it could not is refused. */
class TraceCheckTest {
    private static final int RW = Op.PROT_READ | Op.PROT_WRITE;

    private final MappedFiles files = new MappedFiles();
    private final List<Proc> procs = new ArrayList<>();
    private final ProgramBuilder root = new ProgramBuilder();
    private long[] segments = {ProcessImage.EXE, 0x10000, 0x2000, Op.PROT_READ, 0, 0};

    @BeforeEach
    void oneFile() {
        files.intern("exe:/bin/sh", 2);
    }

    private void check(int faults) throws IOException {
        root.add(Op.EXIT, 0, 0);
        procs.add(0, proc(0, -1, Op.FORK, root, faults));
        List<ProcessImage> images = List.of(new ProcessImage(0, "sh", 0x20000, segments));
        TraceCheck.check(
                new Trace("own", procs, images, List.of("/bin/sh"), files, new TraceNotes(), TraceForm.STORED));
    }

    private static Proc proc(int id, int parent, byte creation, ProgramBuilder ops, int faults) {
        return new Proc(id, 10 + id, parent, creation, "sh", 0, 1, ops.build(), faults);
    }

    private void child(int id, int parent, byte creation, ProgramBuilder ops) {
        ops.add(Op.EXIT, 0, 0);
        procs.add(proc(id, parent, creation, ops, 0));
    }

    private void refused(String expected) {
        refused(expected, 0);
    }

    private void refused(String expected, int faults) {
        String said = assertThrows(IOException.class, () -> check(faults)).getMessage();
        assertTrue(said.contains(expected), said);
    }

    @Test
    void shouldTakeWhatCanBeReplayed() {
        root.add(Op.EXEC, 0, 0);
        root.add(Op.MMAP, 0, 0x7000_0000, 0x3000, RW, 0x22, -1, 0);
        root.add(Op.TOUCH_WRITE, 0, 0x7000_0000, 2);
        root.add(Op.TOUCH_READ, 0, 0x10000, 2);
        root.add(Op.FORK, 0, 1);
        root.add(Op.WAIT, 0, 1);
        child(1, 0, Op.FORK, new ProgramBuilder());
        assertDoesNotThrow(() -> check(4));
    }

    @Test
    void shouldRefuseTouchesOfWhatIsNotMapped() {
        root.add(Op.EXEC, 0, 0);
        root.add(Op.TOUCH_WRITE, 0, 0x10000, 1);
        refused("touches what is not mapped", 1);
    }

    @Test
    void shouldRefuseFaultsThatAreNotThere() {
        refused("takes 0 faults, 7 are announced", 7);
    }

    @Test
    void shouldRefuseSegmentsThatOverlap() {
        segments = new long[] {
            ProcessImage.EXE, 0x10000, 0x2000, 1, 0, 0, ProcessImage.BSS, 0x11000, 0x1000, 3, -1, 0,
        };
        refused("segment 1 is not possible");
    }

    @Test
    void shouldRefuseASegmentBeyondItsFile() {
        segments[5] = 0x1000;
        refused("segment 0 is not possible");
    }

    @Test
    void shouldRefuseAStackWithoutRoom() {
        segments = new long[] {ProcessImage.STACK, 0x10000, 0x1000, 3, -1, 0};
        refused("segment 0 is not possible");
    }

    @Test
    void shouldRefuseCallsThatCannotHaveWorked() {
        for (long[] mmap : new long[][] {
            {0x1001, 0x1000, 3, 2, -1, 0}, {0x1000, 0, 3, 2, -1, 0}, {0x1000, -4096, 3, 2, -1, 0},
            {1L << 47, 0x1000, 3, 2, -1, 0}, {0x1000, 0x1000, 9, 2, -1, 0}, {0x1000, 0x1000, 3, 2, 1, 0},
            {0x1000, 0x1000, 3, 2, 0, 0x2000}, {0x1000, 0x1000, 3, 2, 0, 7},
        }) {
            root.truncate(0);
            procs.clear();
            root.add(Op.MMAP, 0, mmap);
            refused("op 0 is not possible");
        }
    }

    @Test
    void shouldRefuseAWaitForAStranger() {
        root.add(Op.FORK, 0, 1);
        root.add(Op.WAIT, 0, 2);
        ProgramBuilder parent = new ProgramBuilder();
        parent.add(Op.FORK, 0, 2);
        child(1, 0, Op.FORK, parent);
        child(2, 1, Op.FORK, new ProgramBuilder());
        refused("op 1 is not possible");
    }

    @Test
    void shouldRefuseASecondWaitForAChild() {
        root.add(Op.FORK, 0, 1);
        root.add(Op.WAIT, 0, 1);
        root.add(Op.WAIT, 0, 1);
        child(1, 0, Op.FORK, new ProgramBuilder());
        refused("op 2 is not possible");
    }

    @Test
    void shouldRefuseTasksThatCreateEachOther() {
        ProgramBuilder one = new ProgramBuilder();
        one.add(Op.FORK, 0, 2);
        ProgramBuilder two = new ProgramBuilder();
        two.add(Op.FORK, 0, 1);
        child(1, 2, Op.FORK, one);
        child(2, 1, Op.FORK, two);
        refused("among its own ancestors");
    }

    @Test
    void shouldRefuseVforksTooDeepForAStack() {
        ProgramBuilder above = root;
        for (int id = 1; id < 400; id++) {
            ProgramBuilder ops = new ProgramBuilder();
            above.add(Op.VFORK, 0, id);
            if (id > 1) {
                child(id - 1, id - 2, Op.VFORK, above);
            }
            above = ops;
        }
        child(399, 398, Op.VFORK, above);
        refused("inside 256 others");
    }

    @Test
    void shouldRefuseWhatNobodyCreates() {
        child(1, 0, Op.FORK, new ProgramBuilder());
        refused("created by nobody");
    }
}
