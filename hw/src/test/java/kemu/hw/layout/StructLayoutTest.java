package kemu.hw.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kemu.hw.machine.Area;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SeqLock;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Completion;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.RwSem;
import kemu.kernel.task.WaitQueue;
import org.junit.jupiter.api.Test;

class StructLayoutTest {
    @Test
    void shouldAlignFieldsNaturally() {
        StructLayout.Builder s = StructLayout.struct("sample");
        I32Field first = s.i32("first");
        I64Field second = s.i64("second");
        I32Field third = s.i32("third");
        I32Field fourth = s.i32("fourth");
        Embedded inner = s.embed("inner", SpinLock.LAYOUT);
        RefField line = s.cacheLine().ref("line", Task.class);
        Embedded words = s.words("words", 3);
        StructLayout layout = s.build(64);
        assertEquals(0, first.offset());
        assertEquals(8, second.offset());
        assertEquals(16, third.offset());
        assertEquals(20, fourth.offset());
        assertEquals(24, inner.offset());
        assertEquals(64, line.offset());
        assertEquals(72, words.offset());
        assertEquals(128, layout.sizeBytes());
        assertEquals("sample.fourth", fourth.name());
        assertEquals(1000, inner.containerOf(inner.of(1000)));
    }

    @Test
    void shouldKeepMembersApartAndInside() {
        for (StructLayout layout : List.of(
                SpinLock.LAYOUT,
                SeqLock.LAYOUT,
                RwSem.LAYOUT,
                Mutex.LAYOUT,
                Completion.LAYOUT,
                WaitQueue.LAYOUT,
                Task.LAYOUT,
                Area.LAYOUT)) {
            int end = 0;
            for (StructLayout.Member member : layout.members()) {
                assertTrue(member.offset() >= end, layout.name() + "." + member.name() + " overlaps");
                assertEquals(0, member.offset() % Math.min(8, member.sizeBytes()), member.name());
                end = member.offset() + member.sizeBytes();
            }
            assertTrue(end <= layout.sizeBytes(), layout.name());
        }
    }

    @Test
    void shouldKeepClassWordsWhereReportsLook() {
        assertEquals(LockClass.WORD_OFFSET, SpinLock.CLASS.offset());
        assertEquals(LockClass.WORD_OFFSET, Mutex.CLASS.offset());
        assertEquals(LockClass.WORD_OFFSET, RwSem.CLASS.offset());
        assertEquals(LockClass.WORD_OFFSET, Completion.CLASS.offset());
        assertEquals(0, SeqLock.LOCK.offset());
        assertEquals(16, SpinLock.LAYOUT.sizeBytes());
        assertEquals(48, RwSem.LAYOUT.sizeBytes());
    }

    @Test
    void shouldGivePendingBitsALineOfTheirOwn() {
        assertEquals(0, Area.PENDING.offset());
        assertEquals(64, Area.PREEMPT_COUNT.offset());
        assertEquals(0, Task.LAYOUT.sizeBytes() % 64);
    }
}
