package kemu.mm.vma.lookup;

import java.util.List;
import kemu.mm.vma.VmaLookupContract;
import kemu.mm.vma.VmaLookupProvider;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The contract for every lookup of the list, so that a new row needs no test of its own. Those that are known to be bad
 * are bad in a race only, but for one; {@code KnownBadLookupsTest} convicts them.
 */
@ParameterizedClass
@MethodSource("names")
class EveryLookupTest extends VmaLookupContract {
    /** Bad without a race: {@link VmaLookupsTest}. */
    static final String BUG_ON = "spf-clear-late";

    @Parameter
    private String name;

    static List<String> names() {
        return VmaLookups.BUILT_IN.stream()
                .map(VmaLookupProvider::name)
                .filter(one -> !one.equals(BUG_ON))
                .toList();
    }

    @Override
    protected String lookup() {
        return name;
    }

    @Override
    protected boolean needsMmapSem() {
        return name.equals(VmaLookups.DEFAULT) || name.startsWith(MapleLookup.NAME);
    }
}
