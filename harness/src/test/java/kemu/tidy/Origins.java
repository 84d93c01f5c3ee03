package kemu.tidy;

import java.util.List;
import java.util.Set;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.analysis.Interpreter;

/** Follows where values come from: fields that {@link HiddenState} watches, parameters, and elements of both. */
final class Origins extends Interpreter<Origin> {
    private static final Origin ONE = new Origin(1, Set.of());
    private static final Origin TWO = new Origin(2, Set.of());
    private static final Set<Integer> TWO_SLOTS = Set.of(
            Opcodes.LADD,
            Opcodes.LSUB,
            Opcodes.LMUL,
            Opcodes.LDIV,
            Opcodes.LREM,
            Opcodes.LSHL,
            Opcodes.LSHR,
            Opcodes.LUSHR,
            Opcodes.LAND,
            Opcodes.LOR,
            Opcodes.LXOR,
            Opcodes.DADD,
            Opcodes.DSUB,
            Opcodes.DMUL,
            Opcodes.DDIV,
            Opcodes.DREM,
            Opcodes.LALOAD,
            Opcodes.DALOAD,
            Opcodes.LNEG,
            Opcodes.DNEG,
            Opcodes.I2L,
            Opcodes.I2D,
            Opcodes.L2D,
            Opcodes.F2L,
            Opcodes.F2D,
            Opcodes.D2L,
            Opcodes.LCONST_0,
            Opcodes.LCONST_1,
            Opcodes.DCONST_0,
            Opcodes.DCONST_1);

    private final HiddenState state;
    private int parameter;

    Origins(HiddenState state) {
        super(Opcodes.ASM9);
        this.state = state;
    }

    private static Origin of(Type type) {
        return type.getSize() == 2 ? TWO : ONE;
    }

    private static Origin of(int opcode) {
        return TWO_SLOTS.contains(opcode) ? TWO : ONE;
    }

    @Override
    public Origin newValue(Type type) {
        return type == null ? ONE : type == Type.VOID_TYPE ? null : of(type);
    }

    @Override
    public Origin newParameterValue(boolean isInstanceMethod, int local, Type type) {
        return new Origin(type.getSize(), Set.of(Origin.PARAMETER + parameter++));
    }

    @Override
    public Origin newOperation(AbstractInsnNode insn) {
        if (insn instanceof FieldInsnNode field) {
            return field(field);
        }
        if (insn instanceof LdcInsnNode constant) {
            return constant.cst instanceof Long || constant.cst instanceof Double ? TWO : ONE;
        }
        return of(insn.getOpcode());
    }

    private Origin field(FieldInsnNode field) {
        return state.watches(field)
                ? new Origin(1, Set.of(field.owner + "." + field.name))
                : of(Type.getType(field.desc));
    }

    @Override
    public Origin copyOperation(AbstractInsnNode insn, Origin value) {
        return value;
    }

    @Override
    public Origin unaryOperation(AbstractInsnNode insn, Origin value) {
        if (insn.getOpcode() == Opcodes.GETFIELD) {
            return field((FieldInsnNode) insn);
        }
        return insn.getOpcode() == Opcodes.CHECKCAST ? value : of(insn.getOpcode());
    }

    @Override
    public Origin binaryOperation(AbstractInsnNode insn, Origin left, Origin right) {
        return insn.getOpcode() == Opcodes.AALOAD ? left : of(insn.getOpcode());
    }

    @Override
    public Origin ternaryOperation(AbstractInsnNode insn, Origin array, Origin index, Origin value) {
        return ONE;
    }

    @Override
    public Origin naryOperation(AbstractInsnNode insn, List<? extends Origin> values) {
        if (insn instanceof MethodInsnNode call) {
            Type type = Type.getReturnType(call.desc);
            return type.getSort() == Type.ARRAY || type.getSort() == Type.OBJECT
                    ? new Origin(1, state.resultOf(call))
                    : of(type);
        }
        return insn instanceof InvokeDynamicInsnNode made ? of(Type.getReturnType(made.desc)) : ONE;
    }

    @Override
    public void returnOperation(AbstractInsnNode insn, Origin value, Origin expected) {
        // HiddenState looks at what is returned.
    }

    @Override
    public Origin merge(Origin one, Origin other) {
        return one.or(other);
    }
}
