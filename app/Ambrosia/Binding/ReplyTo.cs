namespace Ambrosia.Binding;

/// <summary>The address of an answer: who called, and the number that the caller gave the call. Good for one reply.</summary>
public readonly record struct ReplyTo(string Caller, long CallId);
