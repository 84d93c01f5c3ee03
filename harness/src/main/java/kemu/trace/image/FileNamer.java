package kemu.trace.image;

import java.util.Map;
import java.util.TreeMap;
import kemu.hw.mem.PhysMem;
import kemu.trace.model.MappedFiles;
import kemu.trace.model.Op;

/**
 * Says which file a recorded mmap maps, by the rule that the log allows: a MAP_DENYWRITE map without MAP_FIXED begins a
 * library, known by its length (ld.so asks for the whole library at once, so the length is the same in every process);
 * a MAP_FIXED map of a file inside a library's span belongs to it; any other map is a data file known by length,
 * sharing and executable.
 *
 * <p>One per address space; a fork copies it.
 */
public final class FileNamer {
    private static final long PAGE = PhysMem.PAGE_SIZE;

    private record Span(long end, int file) {}

    private final MappedFiles files;
    private final String executable;
    private final TreeMap<Long, Span> libraries = new TreeMap<>();

    /** For an image of that executable name. */
    public FileNamer(MappedFiles files, String executable) {
        this.files = files;
        this.executable = executable;
    }

    /** The same knowledge for a forked child. */
    public FileNamer copy() {
        FileNamer n = new FileNamer(files, executable);
        n.libraries.putAll(libraries);
        return n;
    }

    /** Takes over what another knows. */
    public void become(FileNamer other) {
        libraries.clear();
        libraries.putAll(other.libraries);
    }

    /** File of a mapping that got {@code address}; {@code offset} in bytes, {@code length} in whole pages of bytes. */
    public int file(long address, long length, int flags, long offset) {
        if ((flags & Op.MAP_FIXED) != 0) {
            Map.Entry<Long, Span> e = libraries.floorEntry(address);
            if (e != null && address < e.getValue().end) {
                files.grow(e.getValue().file, (offset + length) / PAGE);
                return e.getValue().file;
            }
        } else if ((flags & Op.MAP_DENYWRITE) != 0) {
            int file = files.intern("lib:" + length + (offset == 0 ? "" : "@" + offset), (offset + length) / PAGE);
            libraries.put(address, new Span(address + length, file));
            return file;
        }
        String kind = (flags & Op.MAP_SHARED) != 0 ? "shared" : "private";
        return files.intern("map:" + executable + ":" + kind + ":" + length, (offset + length) / PAGE);
    }
}
