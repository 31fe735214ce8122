namespace Ambrosia.Binding;

/// <summary>What is needed to go on when the reply to an awaiting call comes, perhaps in a later process.</summary>
internal readonly record struct PendingCall(int ReplyId, byte[] Context);
