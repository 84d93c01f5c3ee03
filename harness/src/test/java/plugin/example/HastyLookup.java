package plugin.example;

import kemu.mm.vma.VmaLookup;
import kemu.mm.vma.VmaLookupProvider;
import kemu.mm.vma.VmaMemory;
import kemu.mm.vma.VmaServices;
import kemu.mm.vma.lookup.VmaLookups;

/** A lookup of VMAs whose author believes it to be right: speculative faults that do not look again under the lock. */
public final class HastyLookup implements VmaLookupProvider {
    private static final VmaLookupProvider SPF_ZAP = VmaLookups.byName("spf-zap");

    @Override
    public String name() {
        return "hasty";
    }

    @Override
    public String description() {
        return "speculative faults without the second look";
    }

    @Override
    public boolean knownBad() {
        return false;
    }

    @Override
    public VmaMemory memory() {
        return SPF_ZAP.memory();
    }

    @Override
    public VmaLookup create(VmaServices services) {
        return SPF_ZAP.create(services);
    }
}
