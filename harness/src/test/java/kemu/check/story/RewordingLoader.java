package kemu.check.story;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import kemu.check.scenario.Subject;

/**
 * All of kemu once more, as if somebody had been through it: packages and classes of the kernel are called otherwise,
 * and whatever the kernel, its instruments and the scenarios say with a blank in it has other words. Both stand in the
 * constant pools of class files, and are changed there.
 */
final class RewordingLoader extends ClassLoader {
    /** Packages that move, and to where. */
    private static final Map<String, String> MOVED = Map.of(
            "kemu/kernel/locking", "moved/locks",
            "kemu/mm/rmap/lock", "moved/lookups",
            "kemu/mm/rmap", "moved/reverse");

    /** A class of such a package, wherever it is named: alone, in a descriptor or in a signature. */
    private static final Pattern CLASS =
            Pattern.compile("(kemu/kernel/locking|kemu/mm/rmap/lock|kemu/mm/rmap)/(?=[A-Z])");

    /** Before the name of every class that has moved. */
    private static final String PREFIX = "/Re";

    /** Whose constants are reworded; options and schedules are formats and no prose. */
    private static final List<String> SPEAKERS = List.of(
            "kemu.kernel.",
            "kemu.mm.",
            "kemu.rcu.",
            "kemu.hw.mem.",
            "kemu.hw.machine.",
            "kemu.hw.race.",
            "kemu.hw.shadow.",
            "kemu.hw.cpu.",
            "kemu.check.");

    private static final Set<String> FORMATS = Set.of(Subject.class.getName(), Conviction.class.getName());

    /** A word of two letters or more, which is no part of a format. */
    private static final Pattern WORD = Pattern.compile("(?<![%\\w.])[A-Za-z]{2,}");

    private static final int UTF8 = 1;
    private static final int STRING = 8;
    /** Bytes behind the tag of every other kind of constant. */
    private static final Map<Integer, Integer> SIZES = Map.ofEntries(
            Map.entry(3, 4),
            Map.entry(4, 4),
            Map.entry(5, 8),
            Map.entry(6, 8),
            Map.entry(7, 2),
            Map.entry(9, 4),
            Map.entry(10, 4),
            Map.entry(11, 4),
            Map.entry(12, 4),
            Map.entry(15, 3),
            Map.entry(16, 2),
            Map.entry(17, 4),
            Map.entry(18, 4),
            Map.entry(19, 2),
            Map.entry(20, 2));

    private final Set<String> renamed = new TreeSet<>();
    private final Set<String> reworded = new TreeSet<>();

    RewordingLoader(ClassLoader parent) {
        super("reworded", parent);
    }

    /** Classes that have been loaded under another name. */
    Set<String> renamed() {
        return renamed;
    }

    /** What has been said in other words, as it was. */
    Set<String> reworded() {
        return reworded;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            if (known != null) {
                return known;
            }
            String source = original(name);
            return source.startsWith("kemu.") ? define(name, source) : super.loadClass(name, resolve);
        }
    }

    private static String original(String name) {
        String path = name.replace('.', '/');
        for (Map.Entry<String, String> entry : MOVED.entrySet()) {
            if (path.startsWith(entry.getValue() + PREFIX)) {
                path = entry.getKey() + "/" + path.substring(entry.getValue().length() + PREFIX.length());
            }
        }
        return path.replace('/', '.');
    }

    private static String moved(String text) {
        return CLASS.matcher(text).replaceAll(found -> MOVED.get(found.group(1)) + PREFIX);
    }

    private Class<?> define(String name, String source) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(source.replace('.', '/') + ".class")) {
            if (in == null || !moved(source.replace('.', '/')).equals(name.replace('.', '/'))) {
                throw new ClassNotFoundException(name);
            }
            boolean speaks = SPEAKERS.stream().anyMatch(source::startsWith) && !FORMATS.contains(source);
            byte[] bytes = rewrite(in.readAllBytes(), speaks);
            if (!name.equals(source)) {
                renamed.add(source);
            }
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException unreadable) {
            throw new ClassNotFoundException(name, unreadable);
        }
    }

    /** The class file {@code bytes} with other names, and other words if it {@code speaks}. */
    private byte[] rewrite(byte[] bytes, boolean speaks) throws IOException {
        Set<Integer> said = new TreeSet<>();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        in.skipNBytes(8);
        int count = in.readUnsignedShort();
        for (int i = 1; i < count; i++) {
            int tag = in.readUnsignedByte();
            if (tag == UTF8) {
                in.skipNBytes(in.readUnsignedShort());
            } else if (tag == STRING) {
                said.add(in.readUnsignedShort());
            } else {
                in.skipNBytes(SIZES.get(tag));
                i += tag == 5 || tag == 6 ? 1 : 0;
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DataOutputStream to = new DataOutputStream(out);
        in = new DataInputStream(new ByteArrayInputStream(bytes));
        to.write(in.readNBytes(10));
        for (int i = 1; i < count; i++) {
            int tag = in.readUnsignedByte();
            to.writeByte(tag);
            if (tag == UTF8) {
                String text = in.readUTF();
                to.writeUTF(!said.contains(i) ? moved(text) : speaks && text.indexOf(' ') >= 0 ? reworded(text) : text);
            } else {
                to.write(in.readNBytes(tag == STRING ? 2 : SIZES.get(tag)));
                i += tag == 5 || tag == 6 ? 1 : 0;
            }
        }
        to.write(in.readAllBytes());
        return out.toByteArray();
    }

    private String reworded(String text) {
        reworded.add(text);
        return WORD.matcher(text).replaceAll(RewordingLoader::backwards);
    }

    private static String backwards(MatchResult word) {
        return new StringBuilder(word.group()).reverse().toString();
    }
}
