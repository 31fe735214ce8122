// Nothing runs this: the trimmer wants one program as the root of all that it keeps.
return 0;
