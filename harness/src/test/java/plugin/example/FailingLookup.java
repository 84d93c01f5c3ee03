package plugin.example;

import kemu.hw.cpu.Cpu;
import kemu.mm.vma.VmaLookup;
import kemu.mm.vma.VmaLookupProvider;
import kemu.mm.vma.VmaReadLock;
import kemu.mm.vma.VmaServices;

/** A lookup of VMAs that throws at the first fault. */
public final class FailingLookup implements VmaLookupProvider, VmaReadLock {
    @Override
    public String name() {
        return "failing";
    }

    @Override
    public String description() {
        return "throws";
    }

    @Override
    public boolean knownBad() {
        return false;
    }

    @Override
    public VmaLookup create(VmaServices services) {
        return this;
    }

    @Override
    public long startRead(Cpu cpu, long mm, long address) {
        throw new UnsupportedOperationException("not yet");
    }

    @Override
    public void endRead(Cpu cpu, long vma) {}
}
