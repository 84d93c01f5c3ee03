package kemu.tidy;

import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.analysis.Analyzer;
import org.objectweb.asm.tree.analysis.AnalyzerException;
import org.objectweb.asm.tree.analysis.Frame;

/**
 * What changes behind a final field: its array is stored into, or its collection is changed, by anything but a
 * constructor or class initialiser of the field's own class. Bytecode is followed through local variables, elements,
 * parameters and results of methods, so a helper does not hide it.
 *
 * <p>Not seen: what a method outside the classes given does with an array that it gets, but for those of the JDK that
 * are known to change it, and an object that is no array or collection.
 */
final class HiddenState {
    private static final Pattern CHANGES = Pattern.compile(
            "(add|put|remove|clear|set|push|pop|poll|offer|compute|merge|insert|delete|replace|retain|sort|drain"
                    + "|append|flip|and|or|xor|take).*");
    private static final Set<String> CHANGE_THEIR_ARRAY = Set.of("fill", "setAll", "sort", "parallelSort");
    private static final int ARRAY_COPY_TARGET = 2;

    private final Map<String, ClassNode> classes = new TreeMap<>();
    /** By method: parameters that it changes, {@code this} being the first of an instance method. */
    private final Map<String, Set<Integer>> changed = new HashMap<>();
    /** By method: the origins of what it returns. */
    private final Map<String, Set<String>> returned = new HashMap<>();
    /** By field: the methods in which it changes. */
    private final Map<String, Set<String>> found = new TreeMap<>();

    private boolean learned;

    /** By full name of a final field of {@code given}: where what it refers to changes after construction. */
    static Map<String, Set<String>> of(Iterable<JavaClass> given) {
        HiddenState all = new HiddenState();
        for (JavaClass c : given) {
            all.read(c);
        }
        do {
            all.learned = false;
            all.classes.values().forEach(all::follow);
        } while (all.learned);
        return all.found;
    }

    private void read(JavaClass c) {
        String file = "/" + c.getName().replace('.', '/') + ".class";
        try (InputStream in = HiddenState.class.getResourceAsStream(file)) {
            ClassNode node = new ClassNode();
            new ClassReader(in).accept(node, ClassReader.SKIP_DEBUG);
            classes.put(node.name, node);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void follow(ClassNode owner) {
        for (MethodNode method : owner.methods) {
            if (method.instructions.size() != 0) {
                try {
                    Frame<Origin>[] frames = new Analyzer<>(new Origins(this)).analyze(owner.name, method);
                    for (int i = 0; i < frames.length; i++) {
                        if (frames[i] != null) {
                            step(owner, method, method.instructions.get(i), frames[i]);
                        }
                    }
                } catch (AnalyzerException e) {
                    throw new IllegalStateException(owner.name + "." + method.name, e);
                }
            }
        }
    }

    private void step(ClassNode owner, MethodNode method, AbstractInsnNode insn, Frame<Origin> frame) {
        int opcode = insn.getOpcode();
        if (opcode >= Opcodes.IASTORE && opcode <= Opcodes.SASTORE) {
            changes(owner, method, frame.getStack(frame.getStackSize() - 3));
        } else if (opcode == Opcodes.ARETURN) {
            for (String one : frame.getStack(frame.getStackSize() - 1).from()) {
                learned |= returned.computeIfAbsent(nameOf(owner.name, method.name, method.desc), k -> new HashSet<>())
                        .add(one);
            }
        } else if (insn instanceof MethodInsnNode call) {
            int count = Type.getArgumentTypes(call.desc).length + (opcode == Opcodes.INVOKESTATIC ? 0 : 1);
            for (int i = 0; i < count; i++) {
                if (changesArgument(call, i)) {
                    changes(owner, method, frame.getStack(frame.getStackSize() - count + i));
                }
            }
        } else if (insn instanceof InvokeDynamicInsnNode made) {
            captured(owner, method, made, frame);
        }
    }

    /** A lambda's body gets what it captures as its first parameters. */
    private void captured(ClassNode owner, MethodNode method, InvokeDynamicInsnNode made, Frame<Origin> frame) {
        int count = Type.getArgumentTypes(made.desc).length;
        for (Object constant : made.bsmArgs) {
            if (constant instanceof Handle body && classes.containsKey(body.getOwner())) {
                Set<Integer> parameters =
                        changed.getOrDefault(nameOf(body.getOwner(), body.getName(), body.getDesc()), Set.of());
                for (int i = 0; i < count; i++) {
                    if (parameters.contains(i)) {
                        changes(owner, method, frame.getStack(frame.getStackSize() - count + i));
                    }
                }
            }
        }
    }

    private boolean changesArgument(MethodInsnNode call, int argument) {
        if (classes.containsKey(call.owner)) {
            return changed.getOrDefault(nameOf(call.owner, call.name, call.desc), Set.of())
                    .contains(argument);
        }
        boolean jdk = call.owner.startsWith("java/util/") || call.owner.startsWith("org/agrona/");
        if (call.owner.equals("java/lang/System") && call.name.equals("arraycopy")) {
            return argument == ARRAY_COPY_TARGET;
        }
        if (call.owner.equals("java/util/Arrays") || call.owner.equals("java/util/Collections")) {
            return argument == 0 && CHANGE_THEIR_ARRAY.contains(call.name);
        }
        return argument == 0
                && jdk
                && call.getOpcode() != Opcodes.INVOKESTATIC
                && CHANGES.matcher(call.name).matches();
    }

    private void changes(ClassNode owner, MethodNode method, Origin what) {
        for (String one : what.from()) {
            if (one.startsWith(Origin.PARAMETER)) {
                learned |= changed.computeIfAbsent(nameOf(owner.name, method.name, method.desc), k -> new HashSet<>())
                        .add(Integer.parseInt(one.substring(Origin.PARAMETER.length())));
            } else if (!one.startsWith(owner.name + ".") || !method.name.startsWith("<")) {
                learned |= found.computeIfAbsent(one.replace('/', '.'), k -> new TreeSet<>())
                        .add(owner.name.replace('/', '.') + "." + method.name);
            }
        }
    }

    /** What the instruction leaves on the stack, by where it comes from. */
    Set<String> resultOf(MethodInsnNode call) {
        if (!classes.containsKey(call.owner)) {
            return Set.of();
        }
        return returned.getOrDefault(nameOf(call.owner, call.name, call.desc), Set.of()).stream()
                .filter(one -> !one.startsWith(Origin.PARAMETER))
                .collect(Collectors.toSet());
    }

    /** True if the field belongs to the classes given, and holds an array or something of java.util. */
    boolean watches(FieldInsnNode field) {
        boolean holder = field.desc.startsWith("[")
                || field.desc.startsWith("Ljava/util/")
                || field.desc.startsWith("Lorg/agrona/collections/");
        return holder && classes.containsKey(field.owner);
    }

    /** Whoever implements a method of that name and type may be called; a constructor is its class's own. */
    private static String nameOf(String owner, String method, String descriptor) {
        return (method.startsWith("<") ? owner + "." : "") + method + descriptor;
    }
}
