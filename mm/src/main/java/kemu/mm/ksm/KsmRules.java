package kemu.mm.ksm;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.fault.MergedFaults;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.MergedPages;
import kemu.mm.rmap.PageRmap;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;

/**
 * The rules that KSM must keep, as Linux 2.6.36 does; what is wrong on purpose, or historic, overrides one of them.
 * Stateless and allocation-free.
 */
public class KsmRules implements MergedFaults {
    /** The rules of 2.6.36. */
    public KsmRules() {}

    /** True if a page is write-protected before it is compared for the last time. */
    public boolean writeProtects() {
        return true;
    }

    /** True if the pte is empty, and no access under way, when the references are counted. */
    public boolean clearsBeforeCounting() {
        return true;
    }

    /**
     * True if nobody has the page but page tables, the swap cache and the caller, each with a reference: who else has
     * one may write to the page by its frame. Context: page lock, pte lock, and the pte is empty.
     */
    public boolean isOurs(Cpu cpu, @Ref(Page.class) long page) {
        boolean swapped = Page.test(cpu, page, Page.PG_SWAPCACHE);
        return Page.MAPCOUNT.readOnce(cpu, page) + 1 + 1 + (swapped ? 1 : 0) == Page.COUNT.readOnce(cpu, page);
    }

    /** True if the pte {@code value} must be changed before the page may be shared: it may be written, or was. */
    public boolean mustChange(long value) {
        return (value & (Pte.RW | Pte.DIRTY)) != 0;
    }

    /**
     * What becomes of the pte {@code entry}, read-only and clean: that the page was stored to through it, the page is
     * told. Context: as {@link #isOurs}.
     *
     * <p>Source: Linux 4e31635c367a (2.6.36-rc6).
     */
    public long protect(Cpu cpu, @Ref(Page.class) long page, long entry) {
        if ((entry & Pte.DIRTY) != 0) {
            Page.FLAGS.setBits(cpu, page, Page.PG_DIRTY);
        }
        return entry & ~(Pte.RW | Pte.DIRTY);
    }

    /** True if a page is only replaced while its pte is as it was when it was write-protected (pte_same). */
    public boolean comparesPte() {
        return true;
    }

    /** True if an rmap_item keeps a reference on its anon_vma. */
    public boolean holdsAnonVma() {
        return true;
    }

    /**
     * {@inheritDoc} A page that another tree of anon_vmas has mapped already, or that has another number in it, must be
     * copied: walks from it do not come to {@code vma}.
     */
    @Override
    public boolean needsCopy(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma, long address) {
        long mapping = Page.MAPPING.readOnce(cpu, page);
        if (mapping == 0 || MergedPages.isMerged(mapping)) {
            return false;
        }
        return !isOfTree(cpu, mapping - Page.MAPPING_ANON, VmArea.ANON_VMA.readOnce(cpu, vma))
                || !isOfAddress(cpu, page, vma, address);
    }

    @Override
    public boolean keepsCachedLocked() {
        return true;
    }

    @Override
    public boolean mayReuse(Cpu cpu, @Ref(Page.class) long page) {
        return !MergedPages.isMerged(cpu, page);
    }

    /** True if walks from {@code pages}, a page's anon_vma, come to a VMA whose own anon_vma is {@code own}. */
    protected boolean isOfTree(Cpu cpu, @Ref(AnonVma.class) long pages, @Ref(AnonVma.class) long own) {
        return AnonVma.ROOT.readOnce(cpu, pages) == AnonVma.ROOT.readOnce(cpu, own);
    }

    /** True if the page's number is that of {@code address}. */
    protected boolean isOfAddress(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma, long address) {
        return Page.INDEX.readOnce(cpu, page) == PageRmap.indexOf(cpu, vma, address);
    }
}
