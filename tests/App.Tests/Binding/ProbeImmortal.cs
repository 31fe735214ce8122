using System.Globalization;
using System.Text;
using Ambrosia.Arguments;
using Ambrosia.Binding;

namespace Ambrosia.App.Tests.Binding;

/// <summary>
/// Notes everything that happens to it. Method 1 notes its text; 2 runs <see cref="OnTwo"/>; 3 is answered with the state's length;
/// 4 throws; 5 runs <see cref="OnCall"/>; 6 reads a number. Reply handler 1 notes what came, 2 throws what the callee threw.
/// </summary>
internal sealed class ProbeImmortal : Immortal
{
    public const int Note = 1;
    public const int Two = 2;
    public const int Length = 3;
    public const int Throw = 4;
    public const int Five = 5;
    public const int ReadNumber = 6;
    public const int ThrowReply = 2;

    public ProbeImmortal()
    {
        OnMethod(Note, (in call) => Notes.Add(Encoding.UTF8.GetString(call.Arguments)));
        OnMethod(Two, (in call) => OnTwo(this, call.Arguments.ToArray()));
        OnMethod(Length, (in call) => Reply(call.ReplyTo, Encoding.UTF8.GetBytes(Notes.Count.ToString(CultureInfo.InvariantCulture))));
        OnMethod(Throw, (in _) => throw new InvalidOperationException("no such luck"));
        OnMethod(Five, (in call) => OnCall(this, call.ReplyTo));
        OnMethod(ReadNumber, (in call) => Notes.Add(new ArgumentReader(call.Arguments).ReadInt64().ToString(CultureInfo.InvariantCulture)));
        OnReply(1, (in reply) => Notes.Add($"{reply.Kind} {reply.CallId} '{Encoding.UTF8.GetString(reply.Value)}' for '{Encoding.UTF8.GetString(reply.Context)}'"));
        OnReply(ThrowReply, (in reply) => reply.ThrowIfException());
    }

    public List<string> Notes { get; } = [];

    /// <summary>What is not state: the life cycle as this process saw it.</summary>
    public List<string> Lifecycle { get; } = [];

    public Action<ProbeImmortal, byte[]> OnTwo { get; init; } = (_, _) => { };

    public Action<ProbeImmortal, ReplyTo> OnCall { get; init; } = (_, _) => { };

    public Action<ProbeImmortal> OnStart { get; init; } = _ => { };

    public Action<ProbeImmortal> OnPrimary { get; init; } = _ => { };

    public Func<ProbeImmortal, Immortal> Upgraded { get; init; } = probe => probe;

    public Action<CheckpointWriter> AlsoSave { get; init; } = _ => { };

    public InstanceProxy ToSelf => Self;

    public InstanceProxy To(string name) => Instance(name);

    public void Answer(ReplyTo to, ReadOnlySpan<byte> value) => Reply(to, value);

    public void AskForCheckpoint() => RequestCheckpoint();

    protected internal override void Save(CheckpointWriter writer)
    {
        writer.WriteInt32(Notes.Count);
        foreach (var note in Notes) writer.WriteString(note);
        AlsoSave(writer);
    }

    protected internal override void Load(CheckpointReader reader)
    {
        for (var left = reader.ReadInt32(); left > 0; left--) Notes.Add(reader.ReadString());
    }

    protected internal override void OnFirstStart(ReadOnlySpan<byte> initialMessage)
    {
        Lifecycle.Add($"start {Encoding.UTF8.GetString(initialMessage)}");
        OnStart(this);
    }

    protected internal override void OnBecamePrimary()
    {
        Lifecycle.Add("primary");
        OnPrimary(this);
    }

    protected internal override Immortal OnUpgrade()
    {
        Lifecycle.Add("upgrade");
        return Upgraded(this);
    }
}
