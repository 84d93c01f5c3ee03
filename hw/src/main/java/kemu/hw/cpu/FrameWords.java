package kemu.hw.cpu;

import kemu.hw.mem.PhysMem;

/** {@link Cpu#compareFrames} and {@link Cpu#hashFrame} of an emulated CPU. */
final class FrameWords {
    private FrameWords() {}

    static int compare(EmuCpu cpu, long one, long other) {
        for (int at = 0; at < PhysMem.PAGE_SIZE; at += Long.BYTES) {
            int order = Long.compareUnsigned(word(cpu, one + at), word(cpu, other + at));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    static long hash(EmuCpu cpu, long frame) {
        long hash = PhysMem.HASH_SEED;
        for (int at = 0; at < PhysMem.PAGE_SIZE; at += Long.BYTES) {
            hash = PhysMem.mix(hash, word(cpu, frame + at));
        }
        return hash;
    }

    private static long word(EmuCpu cpu, long address) {
        return cpu.peekAt(address, Long.BYTES) == 0 ? 0 : cpu.readOnce64(address);
    }
}
