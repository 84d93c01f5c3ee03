package kemu.mm.rmap.rules;

/**
 * The cache of anon_vmas is not SLAB_DESTROY_BY_RCU, so an empty slab's page goes while a looker is in its RCU section.
 * <b>Known bad:</b> no kernel was like that; rmap-no-typesafe convicts it with every lookup.
 */
final class NotTypesafe extends KernelLife {
    @Override
    public int cacheFlags() {
        return 0;
    }
}
