namespace Ambrosia.Emulators.Azure.Http;

/// <summary>A refusal, as Azure words it.</summary>
internal sealed class ApiException(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public ApiReply Reply => ApiReply.Error(Status, Code, Message);
}
