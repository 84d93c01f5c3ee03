package kemu.trace.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The files that mappings refer to. The log does not name them; keys are made by rule, so equal contents have equal
 * keys in every process.
 */
public final class MappedFiles {
    private final List<String> names = new ArrayList<>();
    private final List<long[]> pages = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();

    /** Number of files. */
    public int size() {
        return names.size();
    }

    /** Key of file {@code id}, such as {@code lib:1974096} or {@code exe:/usr/bin/make}. */
    public String name(int id) {
        return names.get(id);
    }

    /** Length in pages: enough for every mapping of the file. */
    public long pages(int id) {
        return pages.get(id)[0];
    }

    /** Id of that key, new or known; the file is at least {@code minPages} long from now on. */
    public int intern(String name, long minPages) {
        Integer id = ids.get(name);
        if (id == null) {
            id = names.size();
            ids.put(name, id);
            names.add(name);
            pages.add(new long[1]);
        }
        grow(id, minPages);
        return id;
    }

    /** The file is at least {@code minPages} long from now on. */
    public void grow(int id, long minPages) {
        long[] p = pages.get(id);
        p[0] = Math.max(p[0], minPages);
    }

    @Override
    public boolean equals(Object o) {
        if (!(o instanceof MappedFiles t) || !names.equals(t.names)) {
            return false;
        }
        for (int i = 0; i < size(); i++) {
            if (pages(i) != t.pages(i)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return names.hashCode();
    }
}
