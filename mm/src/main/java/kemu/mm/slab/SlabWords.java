package kemu.mm.slab;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.StructTypes;

/** The allocator's own words in and around objects: state words and free pointers. Plain, under the slab's rules. */
final class SlabWords {
    private SlabWords() {}

    static long get(Cpu cpu, long address) {
        cpu.expect(StructTypes.SLAB_WORDS);
        return cpu.read64(address);
    }

    static void set(Cpu cpu, long address, long value) {
        cpu.expect(StructTypes.SLAB_WORDS);
        cpu.write64(address, value);
    }
}
