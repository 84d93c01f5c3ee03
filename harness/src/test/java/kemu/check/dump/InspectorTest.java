package kemu.check.dump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectorTest {
    @TempDir
    private Path dir;

    @BeforeEach
    void dumpTheHang() {
        Subject subject = Subject.of("rmap-hang-child", "root-reread", MemoryModel.SC);
        try (Check check = new Check(subject)) {
            Result found = check.explore("exhaustive", 1, 10_000, () -> 1);
            Schedule schedule = check.schedule(found, 1);
            check.replay(schedule, () -> {
                try {
                    Dump.write(dir, check.machine(), subject.scenario(), subject.options(), check.sceneHash());
                } catch (IOException full) {
                    throw new UncheckedIOException(full);
                }
            });
        }
    }

    @Test
    void shouldShowTheLockThatIsLeftAndTheObjectAroundIt() throws Exception {
        try (Inspector inspector = new Inspector(dir)) {
            assertTrue(inspector.tasks().contains("waits for spinlock anon_vma->lock"), inspector.tasks());
            String locks = inspector.locks();
            assertTrue(locks.contains("spinlock anon_vma->lock 0x20008 (locked, last taken by [reclaim:"), locks);
            String struct = inspector.struct("anon_vma", 0x20000);
            assertTrue(struct.contains("+0xc") && struct.contains("lock.tail"), struct);
            assertTrue(struct.matches("(?s).*lock.class +anon_vma->lock.*"), struct);
            assertTrue(inspector.slab("anon_vma").contains("anon_vma 0x20000"), inspector.slab("anon_vma"));
            assertNull(inspector.slab("dentry"));
            assertNull(inspector.struct("dentry", 0x20000));
            assertTrue(inspector.struct("page", inspector.pageOfPfn(0x26)).contains("flags: "));
            assertEquals(-1, inspector.pageOfPfn(1 << 20));
        }
    }

    /** Every word of the dump that may be a pointer leads nowhere: all that is asked is answered. */
    @Test
    void shouldTellOfWildPointersAndGoOn() throws Exception {
        Path memory = dir.resolve("memory.gz");
        byte[] bytes;
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(memory))) {
            bytes = in.readAllBytes();
        }
        ByteBuffer words = ByteBuffer.wrap(bytes);
        for (int frame = 0; frame < bytes.length; frame += 4 + 4096) {
            for (int at = frame + 4; at < frame + 4 + 4096; at += 8) {
                long word = words.getLong(at);
                if (word >= 4096 && word < 1 << 21 && (word & 7) == 0) {
                    words.putLong(at, 0xdead_beef_dead_beefL);
                }
            }
        }
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(memory))) {
            out.write(bytes);
        }
        try (Inspector inspector = new Inspector(dir)) {
            assertTrue(inspector.tasks().contains("(wild)"), inspector.tasks());
            assertTrue(inspector.locks().contains("more locks are free"), inspector.locks());
            assertTrue(inspector.slabs().contains("kmem_cache"), inspector.slabs());
            inspector.slab("anon_vma");
            String struct = inspector.struct("anon_vma", 0x20000);
            assertTrue(struct.contains("0xdeadbeefdeadbeef  (wild)"), struct);
            assertFalse(inspector.isMapped(Long.MAX_VALUE, 8));
        }
    }

    @Test
    void shouldRefuseWhatIsNoDumpOfThisBuild() throws Exception {
        Path head = dir.resolve("machine.kemu");
        String text = Files.readString(head);
        for (String[] change : new String[][] {
            {"kemu-dump 1", "kemu-dump 9", "version 9"},
            {"kemu-dump 1", "something", "not a dump"},
            {"scene \\w+", "scene 1", "another build"},
            {"rmap-hang-child", "rmap-hang-x", "rmap-hang-x"},
            {"options ", "choices ", "no 'options'"},
        }) {
            Files.writeString(head, text.replaceFirst(change[0], change[1]));
            Dump.Malformed refused = assertThrows(Dump.Malformed.class, () -> new Inspector(dir));
            assertTrue(refused.getMessage().contains(change[2]), refused.getMessage());
        }
        Files.writeString(head, text);
        Path memory = dir.resolve("memory.gz");
        byte[] whole = Files.readAllBytes(memory);
        Files.write(memory, Arrays.copyOf(whole, whole.length / 2));
        assertThrows(Dump.Malformed.class, () -> new Inspector(dir));
    }
}
