namespace Ambrosia.Emulators.Azure.Http;

/// <summary>Keys of what the pipeline keeps with a request.</summary>
internal static class RequestItems
{
    public const string Path = "azure.path";

    public const string Scope = "azure.scope";

    public const string Fault = "azure.fault";

    public const string OperationFault = "azure.operationFault";

    public const string LoseReply = "azure.loseReply";
}
